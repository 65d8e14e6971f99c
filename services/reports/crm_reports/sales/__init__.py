"""What was won and lost, by whom, of what and when."""
