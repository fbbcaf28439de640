"""Words around a name."""

from index.honorifics import COURTESY, LETTERS, PEERS, STYLES, TITLES


def test_titles_are_lower_case_words_and_no_style_is_one():
    assert all(word == word.lower() and word.isalpha() for word in TITLES | STYLES | LETTERS)
    assert not TITLES & STYLES
    assert COURTESY < TITLES > PEERS.keys()


def test_peers_are_addressed_as_lord_or_lady_by_their_rank():
    assert set(PEERS.values()) == {"lord", "lady"}
    assert (PEERS["earl"], PEERS["marchioness"], PEERS["lord"]) == ("lord", "lady", "lord")
