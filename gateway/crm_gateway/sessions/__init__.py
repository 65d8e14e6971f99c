"""Sessions: who is signed in, and for how long that is believed."""
