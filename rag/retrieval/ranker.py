"""The ranking model: a few features of a candidate, one weight each, in `ranker.json` next to this file.

It has two stages. `weights` order all candidates; the first `depth` of them are then read (rag.retrieval.reader), and
what the reader makes of them counts `read` times on top of that. The numbers are found by
`tests/bench/learn_ranking.py`: those of the features by a conditional logit over the candidates of each question,
that of the reader by trying; none is set by hand.
"""

from __future__ import annotations

from rag.text.linear_model import LinearModel

# Each a number from 0 to 1, but for `dense`, a cosine:
#   dense      of the question and the nearest passage (which is embedded with its heading and question)
#   question   BM25 of the question's words in the Member's question, as a share of what those words could score at most
#   answer     the same in the answer
#   preferred  how well the record fits what the question says of department, minister and time; 0.5 nothing said
FEATURES = ("dense", "question", "answer", "preferred")
LEXICAL = ("question", "answer")
# What the reader makes of a candidate: log-odds that the passage answers the question.
READ = "read"
# What the first stage gave a candidate: the weighted sum of its features.
SEARCHED = "searched"

RANKER = LinearModel.load("retrieval/ranker.json")
