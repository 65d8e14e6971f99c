"""The documents about the API and the bus."""
