"""A card on one screen, in one answer."""
