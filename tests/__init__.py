"""Tests of the whole: what no service can test alone."""
