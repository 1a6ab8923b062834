"""Card numbers in what people write: where they stand, and the words that take their place. Pure."""
