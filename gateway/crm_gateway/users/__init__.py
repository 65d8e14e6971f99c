"""Users: who works here."""
