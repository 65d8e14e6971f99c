"""Teams: who works together, under whom."""
