"""Every call finds its card, or makes one, exactly once."""
