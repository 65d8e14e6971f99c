"""Files in: how a spreadsheet becomes rows."""
