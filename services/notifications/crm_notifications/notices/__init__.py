"""What staff should know: one notice per user and cause."""
