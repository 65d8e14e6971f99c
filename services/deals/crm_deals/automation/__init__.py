"""Automation: entering a stage sends a message."""
