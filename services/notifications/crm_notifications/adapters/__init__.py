"""The outside systems behind the ports. A vendor is named in its adapter only."""
