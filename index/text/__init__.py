"""Reading text: clean it, find its sentences, cut it into passages, decide what kind of answer it is."""
