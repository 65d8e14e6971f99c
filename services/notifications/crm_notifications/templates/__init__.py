"""What customers are told, in which words and languages."""
