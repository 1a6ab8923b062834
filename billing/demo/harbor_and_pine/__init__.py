"""Harbor & Pine Renovations: kitchens, bathrooms and decks in New York."""
