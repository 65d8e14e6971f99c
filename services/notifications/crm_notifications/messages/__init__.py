"""Messages to customers: queued once, told about at every change."""
