"""From an uploaded spreadsheet file to rows of text, in a process of its own; knows nothing of what they mean."""
