"""Which deals are in each stage of a pipeline."""
