"""What every service gave up, in one place for administrators."""
