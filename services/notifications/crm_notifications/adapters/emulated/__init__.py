"""Outside systems played by ourselves, for tests and the demo. They share no code with what talks to them."""
