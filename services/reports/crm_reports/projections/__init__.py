"""Facts made from the archive and from nothing else; they can be thrown away and made again."""
