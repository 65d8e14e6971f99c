"""Companies: one card each."""
