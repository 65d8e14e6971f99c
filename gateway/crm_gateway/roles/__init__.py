"""Roles: what people may do, as data."""
