"""People: one card each."""
