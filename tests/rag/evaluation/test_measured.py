"""The figures that people are shown are those of the README."""

import re
from pathlib import Path

from rag.evaluation.measured import measured

RAG = Path(__file__).parents[3] / "rag"
README, PARTS = (path.read_text(encoding="utf-8") for path in (RAG / "README.md", RAG / "evaluation" / "README.md"))


def row(begin):
    """Return the last figure of the README's row that begins so."""
    (line,) = (line for line in README.splitlines() if line.startswith(f"| {begin}"))
    return line, line.strip(" |").split("|")[-1].strip()


def test_the_figures_shown_are_those_of_the_readme():
    said = measured()
    everyday, right = row("everyday questions")
    assert int(re.search(r"(\d+) untouched\)", everyday)[1]) == said.everyday
    assert float(right) == said.right_first
    assert float(row("right answer anywhere")[1]) == said.right_anywhere
    assert float(row("a misleading record")[1]) == said.misleading_first
    assert float(row("declined |")[1]) == said.declined
    unanswerable, declined = row("questions that nothing answers")
    assert int(re.search(r"(\d+) untouched\)", unanswerable)[1]) == said.unanswerable
    assert float(declined) == said.rightly_declined
    assert f"all {said.answers} answers to the dev and the untouched questions | all verify" in PARTS
    assert said.verified == said.answers
