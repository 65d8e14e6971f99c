"""The demo: a small window fitter, its emulated PBX, and the story of one call told through the gateway alone."""
