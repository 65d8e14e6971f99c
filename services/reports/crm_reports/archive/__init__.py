"""Every event of the catalogue, kept once, in the order it became known here."""
