"""The live stream: what happens now."""
