"""How much one user, token or address may ask of the door."""
