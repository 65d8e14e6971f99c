"""One search box over people and companies."""
