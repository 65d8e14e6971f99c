"""Delivery receipts of the SMS gateway."""
