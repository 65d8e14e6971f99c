"""Wrong passwords: how many are too many."""
