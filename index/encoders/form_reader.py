"""A model that reads what form an answer should take: what a question asks for, and the short answer in a sentence.

Its weights are those of a cross-encoder (index.encoders.cross_encoder) with three more layers. From a question alone:
what it asks for. From a question with a sentence: what kind of short answer the sentence gives, and at which of its
tokens that begins and ends (as Devlin et al. 2019 do for SQuAD).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.encoders.base import Floats
from index.encoders.cross_encoder import CrossEncoder

# What a question may ask for: a figure, one over time, a date, a name, yes or no, two times next to each other (before
# and after, this government and the last), a reason, an overview of a broad subject, a detail of any other sort.
ASKS = ("figure", "over_time", "date", "name", "yes_no", "two_times", "reason", "overview", "detail")
NO, WORDS = "no", "words"
SHORT = ("none", "yes", NO, WORDS)  # kinds of short answers
ASKS_HEAD, SHORT_HEAD, SPAN_HEAD = "asks", "short", "span"  # the three layers
LONGEST = 32  # tokens of a short answer


@dataclass(frozen=True, slots=True)
class ShortReading:
    """What the model makes of a question and a text."""

    kind: str  # the likeliest of SHORT
    chance: float  # probability of that kind; for "words" that it is these words
    start: int = 0  # of the likeliest words, in code points of the text
    end: int = 0


class FormReader(CrossEncoder):
    """A question -> what it asks for; a question and a text -> the short answer in it, on the CPU."""

    def asks(self, question: str) -> dict[str, float]:
        """Return how likely a question asks for each of ASKS; it may ask for several. Raises ModelError."""
        tokens = self._tokenizer.encode(question)
        odds = self._layer(ASKS_HEAD, self._pooled(self._transformer.states(tokens.ids)[0]))
        return dict(zip(ASKS, (1 / (1 + np.exp(-odds))).tolist(), strict=True))

    def short(self, question: str, text: str) -> ShortReading:
        """Return the likeliest short answer that `text` gives to `question`. Raises ModelError."""
        pair = self._tokenizer.encode(question, text)
        states = self._transformer.states(pair.ids, pair.type_ids)
        chances = _softmax(self._layer(SHORT_HEAD, self._pooled(states[0])))
        kind = SHORT[int(chances.argmax())]
        chance = float(chances.max())
        places = words_of(pair.type_ids, pair.special_tokens_mask)
        if kind != WORDS or not places:
            return ShortReading(kind, chance)
        scores = np.stack([self._layer(SPAN_HEAD, states[place]) for place in places])
        first, last, likely = likeliest(_softmax(scores[:, 0]), _softmax(scores[:, 1]))
        start, end = pair.offsets[places[first]][0], pair.offsets[places[last]][1]
        return ShortReading(kind, chance * likely, start, end)


def words_of(kinds: list[int], special: list[int]) -> list[int]:
    """Return the places of the tokens of the second text of a pair."""
    return [place for place, kind in enumerate(kinds) if kind == 1 and not special[place]]


def likeliest(begins: Floats, ends: Floats) -> tuple[int, int, float]:
    """Return the first and the last token of the likeliest words, and how likely they are.

    `begins` and `ends`, each of shape (tokens,), are the probabilities that they begin and end at a token.
    """
    products = np.triu(begins[:, None] * ends[None, :])
    products -= np.triu(products, LONGEST)
    first, last = np.unravel_index(int(products.argmax()), products.shape)
    return int(first), int(last), float(products[first, last])


def _softmax(values: Floats) -> Floats:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum(), np.float32)
