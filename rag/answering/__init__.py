"""How an answer is made of ministers' sentences: cut into units, scored, chosen, and introduced."""
