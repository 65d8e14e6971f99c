"""Faults: what dies in the middle of its work, and an auditor that counts afterwards."""
