"""The commands of `pq`, by what they are for. Heavy imports stand inside them."""
