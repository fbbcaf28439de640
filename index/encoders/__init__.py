"""Text -> vectors: the shipped model on its fast path, or any sentence-transformers model."""
