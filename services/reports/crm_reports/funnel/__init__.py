"""What became of every entry into a stage."""
