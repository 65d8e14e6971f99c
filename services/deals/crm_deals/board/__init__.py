"""The board: a pipeline's deals in columns."""
