"""Missed calls and the call-back tasks they ask for."""
