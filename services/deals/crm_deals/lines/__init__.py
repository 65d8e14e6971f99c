"""What a deal sells: its lines."""
