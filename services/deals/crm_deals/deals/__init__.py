"""Deals: what may be sold to whom, and how far it has come."""
