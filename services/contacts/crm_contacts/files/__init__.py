"""Files people put on people, companies and deals."""
