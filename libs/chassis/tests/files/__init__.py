"""Files made in code, to read them."""
