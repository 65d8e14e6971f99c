"""Calls by day of the company's zone."""
