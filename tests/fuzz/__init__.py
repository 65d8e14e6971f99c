"""Fuzz: generated and hostile input at every operation."""
