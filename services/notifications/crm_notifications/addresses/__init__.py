"""Where people can be reached: a copy of their cards, fed by events."""
