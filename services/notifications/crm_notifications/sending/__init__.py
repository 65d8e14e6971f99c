"""Takes queued messages to their channels, each at most once without a person's word."""
