"""The ports messages leave through; each has adapters, and a shipped fake."""
