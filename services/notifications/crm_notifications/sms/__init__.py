"""How a text travels as an SMS."""
