"""What files and guides say: passages, embeddings and search with citations."""
