"""Spellings of names against the people whom they mean; nobody may be taken for somebody else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.honorifics import LETTERS, STYLES, TITLES
from index.person_names import (
    Agreement,
    agreement,
    folded,
    near_names,
    parse,
    people_named,
    same_person,
    spoken,
    with_article,
)

SPELLINGS = {
    "The Lord Bishop of Wexham": ("Bishop of Wexham", "the bishop of wexham", "Rt Rev the Lord Bishop of Wexham",
                                  "Wexham, Bishop of", "the Right Reverend Bishop of Wexham"),
    "The Marquess of Wexham": ("Marquess of Wexham", "Lord Wexham", "the marquess of wexham"),
    "The Archbishop of St Osyth": ("Archbishop of Saint Osyth", "The Lord Archbishop of St. Osyth"),
    "The Earl of Ambrey": ("Earl of Ambrey", "Lord Ambrey", "Earl Ambrey", "the Rt Hon the Earl of Ambrey PC"),
    "The Countess of Marl": ("Lady Marl", "Countess of Marl", "the countess of marl"),
    "The Duke of Monford": ("Duke of Monford", "the Duke of Monford KG"),
    "Viscount Wexbury": ("Lord Wexbury", "viscount wexbury", "The Viscount Wexbury"),
    "Baroness Barnaby": ("Lady Barnaby", "barnaby", "Baroness Barnaby DBE"),
    "Baroness O’Nolan of Benford": ("Baroness O'Nolan", "Lady ONolan of Benford", "baroness o nolan of benford"),
    "Lord St John of Blanding": ("Lord St. John", "Lord Saint John of Blanding", "Lord St-John of Blanding"),
    "Lord Alden of King’s Holt": ("Lord Alden of Kings Holt", "Baron Alden of King's Holt", "Lord Alden of Kings-Holt"),
    "Lord Smith of Finmere": ("Lord Smith of Finmere", "Smith of Finmere", "Smith of Finmere, Lord"),
    "Lord Smith of Kelby": ("lord smith of kelby", "Lord Smith of Kelby CBE"),
    "Lord Mallory-Brook": ("Lord Mallory Brook", "lord mallory–brook", "Lord Mallory‑Brook"),
    "Oscar Smith": ("Oscar Smith MP", "Mr Oscar Smith", "Rt Hon Oscar Smith KC MP", "O Smith", "Smith, Oscar"),
    "Clara Smith": ("clara smith", "Ms. Clara Smith", "Dame Clara Smith DBE"),
    "Siân Barry": ("Sian Barry", "siân barry MP", "SIAN BARRY"),
    "Siân Barry-Jones": ("Sian Barry Jones", "Siân Barry–Jones", "Sian BarryJones", "Barry-Jones"),
    "Ned O'Brady": ("Ned O’Brady", "ned obrady", "Ned O Brady", "Mr O'Brady"),
    "Dr Daniel Moor": ("Dan Moor", "Daniel Moor", "Dr. Moor"),
    "Rebecca Long Barton": ("Rebecca Long-Barton", "rebecca long barton (Salford)", "Rebecca Barton"),
    "Sir Edmund Lorne": ("Edmund Lorne", "Sir Edmund", "Rt. Hon. Sir Edmund Lorne", "Sir Edmund Lorne, KC, MP"),
    "Grahame M. Lacey": ("Grahame Lacey", "Grahame M Lacey", "Lacey, Grahame M."),
    "Jørgen Sæther": ("Jorgen Saether", "jørgen sæther"),
}  # fmt: skip
PAIRS = [(asked, name) for name, spellings in SPELLINGS.items() for asked in (name, *spellings)]


@pytest.mark.parametrize(("asked", "name"), PAIRS)
def test_a_spelling_finds_its_person_and_nobody_else(asked, name):
    assert people_named(asked, SPELLINGS) == {name}


def test_there_are_many_spellings_of_many_names():
    assert (len(PAIRS) - len(SPELLINGS), len(SPELLINGS)) >= (70, 24)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("Bishop of Monford", set()),  # a duke
        ("Bishop of St Osyth", set()),  # an archbishop
        ("Duke of Ambrey", set()),  # an earl
        ("Baroness Marl", set()),  # a countess
        ("Lady Wexbury", set()),
        ("Lord Barnaby", set()),
        ("Lord Brook", set()),
        ("Ben Smith", set()),
        ("Siân Jones", set()),
        ("Lord Smith", {"Lord Smith of Finmere", "Lord Smith of Kelby"}),
        ("Lord Smith of Leeds", set()),
        ("Smith", {"Lord Smith of Finmere", "Lord Smith of Kelby", "Oscar Smith", "Clara Smith"}),
        ("Wexham", {"The Lord Bishop of Wexham", "The Marquess of Wexham"}),
        ("Bishop", {"The Lord Bishop of Wexham"}),
        ("Earl", {"The Earl of Ambrey"}),
        ("MP", set()),
        ("!?", set()),
        ("", set()),
    ],
)
def test_a_name_that_may_mean_several_means_all_of_them_and_another_nobody(asked, wanted):
    assert people_named(asked, SPELLINGS) == wanted


@pytest.mark.parametrize(
    ("asked", "named", "wanted"),
    [
        ("sharpe", "Lord Sharpe of Epsom", Agreement.PART),
        ("Epsom", "Lord Sharpe of Epsom", Agreement.PART),
        ("Lord", "Lord Sharpe of Epsom", Agreement.PART),
        ("Lord Sharpe", "Lord Sharpe of Epsom", Agreement.SHORTER),
        ("Lord Sharpe of Epsom", "Lord Sharpe of Epsom", Agreement.WHOLE),
        ("Lord Sharpe of Epsom", "Lord Sharpe", Agreement.NONE),
        ("Lady Sharpe", "Lord Sharpe of Epsom", Agreement.NONE),
        ("Sharp", "Lord Sharpe of Epsom", Agreement.NONE),
        ("Jean-Luc", "Jean-Luc Smith", Agreement.PART),
        ("Dr Ali", "Rushanara Ali", Agreement.PART),
        ("R Ali", "Rushanara Ali", Agreement.SHORTER),
        ("Ali Smith", "Rushanara Ali", Agreement.NONE),
        ("Mr Bishop", "Matt Bishop", Agreement.PART),
        ("Bishop of Leeds", "Matt Bishop", Agreement.NONE),
        ("Neil O Brien", "Neil O'Brien", Agreement.JOINED),
        ("David T C Davies", "David T. C. Davies", Agreement.WHOLE),
        ("David B Davies", "David C Davies", Agreement.NONE),
        ("Bob Neill", "Ann Other; Bob Neill", Agreement.WHOLE),
        ("Ann Neill", "Ann Other; Bob Neill", Agreement.NONE),
    ],
)  # fmt: skip
def test_how_well_two_names_agree(asked, named, wanted):
    assert agreement(asked, named) is wanted
    assert same_person(asked, named) is (wanted > Agreement.NONE)


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("Siân Bary-Jones", ("Siân Barry-Jones",)),
        ("Oscar Smyth", ("Oscar Smith",)),
        ("Brook", ("Lord Mallory-Brook",)),
        ("Lord Ann Barnaby", ("Baroness Barnaby",)),
        ("Bishop of Ambrey", ("the Earl of Ambrey",)),
        ("Lord Smith of Leeds", ("Lord Smith of Finmere", "Lord Smith of Kelby")),
        ("Edmond Lorne", ("Sir Edmund Lorne",)),
        ("Zzyzx Quux", ()),
        ("!?", ()),
    ],
)  # fmt: skip
def test_the_likeliest_names_are_offered(asked, wanted):
    assert near_names(asked, SPELLINGS) == wanted


@pytest.mark.parametrize(
    ("name", "said", "within"),
    [
        ("The Earl of Ambrey", "Earl of Ambrey", "the Earl of Ambrey"),
        ("The Lord Bishop of Wexham", "Lord Bishop of Wexham", "the Lord Bishop of Wexham"),
        ("Mr. John Fraser", "John Fraser", "John Fraser"),
        ("Lord Smith of Kelby", "Lord Smith of Kelby", "Lord Smith of Kelby"),
        ("Sir Edmund Lorne", "Sir Edmund Lorne", "Sir Edmund Lorne"),
    ],
)
def test_names_as_they_are_said(name, said, within):
    assert (spoken(name), with_article(spoken(name))) == (said, within)


words = (
    st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzáéöñ"), min_size=3, max_size=8)
    .filter(lambda word: folded(word) not in LETTERS | TITLES | STYLES)  # nobody is called Kcb
    .map(str.capitalize)
)


@settings(deadline=None)
@given(
    st.lists(words, min_size=2, max_size=3), st.sampled_from([" ", "-", "–", "‑", "  "]), st.booleans(), st.booleans()
)
def test_case_accents_and_joints_make_no_difference(parts, joint, lower, bare):
    name = " ".join(parts)
    spelt = f"{parts[0]} {joint.join(parts[1:])}"
    if bare:
        spelt = "".join(c for c in unicodedata.normalize("NFD", spelt) if not unicodedata.combining(c))
    assert agreement(spelt.lower() if lower else spelt, name) >= Agreement.WHOLE
    assert agreement(f"Rt Hon {spelt} KC MP", name) >= Agreement.WHOLE


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_is_a_fault(asked, named):
    assert isinstance(agreement(asked, named), Agreement)
    assert near_names(asked, [named]) == () or named.strip()
    assert not parse(asked).words or parse(asked).forms()
