"""Adapting the encoder to an archive: `pq train`. `fitting.train` does it with what `pairs` chooses to learn from."""
