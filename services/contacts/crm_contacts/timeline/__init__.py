"""The whole history of a card in the order in which it happened."""
