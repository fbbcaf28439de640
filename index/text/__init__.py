"""Reading text: clean it, find its sentences, cut it into passages, tell what kind of answer it is."""
