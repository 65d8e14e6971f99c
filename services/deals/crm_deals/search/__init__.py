"""Finding deals by what people remember of them."""
