"""Notes people write on people, companies and deals."""
