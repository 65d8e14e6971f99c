"""People and companies from files."""
