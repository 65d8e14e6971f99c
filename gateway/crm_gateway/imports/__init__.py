"""Files taken in: one list of all jobs, wherever their rows live."""
