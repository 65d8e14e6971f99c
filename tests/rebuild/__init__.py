"""Rebuilds: what is made anew from the archive or its owner is what it was."""
