"""The commands of `pq`, by what they are for. Heavy imports are made inside them."""
