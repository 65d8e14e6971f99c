"""Who acts, what they may see and do, and how services believe it."""
