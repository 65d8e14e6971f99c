"""Sides of the service that face outside systems."""
