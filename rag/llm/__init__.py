"""An optional language model that puts answers in its own words, every sentence checked."""
