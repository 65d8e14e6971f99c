"""The copy of contacts' cards, and what deals adds to a card on the screen."""
