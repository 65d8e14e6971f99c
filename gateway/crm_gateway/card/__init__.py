"""The card: a customer on one screen."""
