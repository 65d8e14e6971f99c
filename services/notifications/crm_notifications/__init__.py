"""notifications: messages to customers, notices to staff, and the templates they are written with."""
