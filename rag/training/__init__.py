"""Learning from questions and the records that answer them: `pq train`.

`encoder` and `reranker` fit the two models to what `pairs` chooses to learn from; `running` is what they share.
"""
