"""Working hours of the company."""
