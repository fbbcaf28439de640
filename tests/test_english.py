"""What people read is idiomatic English: none of the turns of phrase below, in messages, pages and documentation."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Packages whose string literals are checked. Templates, the page's script and the documentation are checked as well.
PACKAGES = ("index", "rag", "ui")
# Functions and classes of these are described to users by their docstrings: as `pq --help`, OpenAPI and MCP tools.
SHOWN_DOCSTRINGS = ("ui/commands/*.py", "ui/server/schemas.py", "ui/server/verbs.py")
DOCUMENTS = ("*.md", ".github/*.md", "index/**/*.md", "rag/**/*.md", "ui/**/*.md")

# Each pattern with what to write instead.
CALQUES = {
    r"\btold\b(?! (?:Parliament|MPs|Members|the (?:House|Commons|Lords))\b)": "reported, shown, distinguished",
    r"\b[Tt]ells? (?:what|whether|which|new|the new|answers)\b": "show, report, check",
    r"\bst(?:ands?|anding|ood) (?:in|on|above|below|beside|before|next|there|here|open|together|between)\b": "is",
    r"\banew\b": "again",
    r"\bbeside\b": "next to, in addition to",
    r"(?:^|[.;:] )Who (?![^.;:]*\?)": "anyone who, readers, the minister who",
    r"\bt(?:ak(?:e|es|en|ing)|ook) (?:\w+ ){0,4}away\b": "remove",
    r"\bsigns\b(?! (?:a|an|the|up|in)\b)": "characters",
    r"(?<!here )\b(?:is|are) no (?!longer\b|more\b|less\b|fewer\b|better\b|worse\b|other\b|one\b)": "is not a",
    r"\b(?:goes|going) on (?!sale|strike|holiday|leave)|\bto go on\b|\bgo on (?:from|where)\b": "continues, resumes",
    r"\b[Aa]ccounts? of the\b": "versions of the, records of the",
    r"\bma(?:d|k)es? good\b": "complete",
    r"\b(?:found|answer|answered) to this part\b": "for this part",
    r"\b(?:people|person) (?:is|are) before\b": "ahead of",
    r"\b[Gg]ain time\b": "an interim reply",
    r"\bbrought forward\b": "upgraded",
    r"\b(?:it|they|which|that) lies?\b|\blies? (?:in|at|on|after|before|there)\b": "is",
    r"\bof (?:yours|ours)\b": "your own, of the project",
    r"\b[Ss]aid twice\b": "de-duplicated",
    r"\b(?:can|could|to) (?:not )?be had\b": "be fetched, available",
    r"\b[Pp]ass(?:es)? (?:all |every )?(?:the|your|of the)? ?filters?\b": "match the filters",
    r"\b[Pp]ut right\b": "repair, correct",
}
_LITERAL = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`')
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_JINJA = re.compile(r"\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL)
_INSERTED = re.compile(r"\$\{[^}]*\}")


def calques(text):
    """Return what a text holds of the list, each with what to write instead."""
    return [f"“{found[0]}”: {better}" for pattern, better in CALQUES.items() for found in re.finditer(pattern, text)]


def docstrings(tree):
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value): node for node in ast.walk(tree) if isinstance(node, kinds) and ast.get_docstring(node)
    }


def for_people(text):
    """Whether a string literal is a sentence, not a name, a pattern, SQL or a list of words."""
    patterns = r"\\|\(\?|\b(?:CREATE|SELECT|UPDATE|INSERT|DELETE|WHERE) "
    return " " in text and not re.search(patterns, text) and not re.fullmatch(r"[a-z0-9'’\s]{100,}", text)


def literals(path):
    """Yield the line and text of a module's string literals for people, f-strings joined, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = set(docstrings(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in ast.walk(node)} - {id(node)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        if isinstance(text, str) and for_people(text):
            yield node.lineno, text


def found_in(path, texts):
    return [f"{path.relative_to(ROOT)}:{line}: {found}" for line, text in texts for found in calques(text)]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_message_holds_one(package):
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    assert [found for path in modules for found in found_in(path, literals(path))] == []


def test_no_help_or_description_made_of_docstrings_holds_one():
    modules = [path for pattern in SHOWN_DOCSTRINGS for path in sorted(ROOT.glob(pattern))]
    assert len(modules) > 8
    wrong = []
    for path in modules:
        shown = docstrings(ast.parse(path.read_text(encoding="utf-8"))).values()
        wrong += found_in(path, [(getattr(node, "lineno", 1), ast.get_docstring(node)) for node in shown])
    assert wrong == []


def test_no_template_or_script_of_the_page_holds_one():
    templates = sorted((ROOT / "ui" / "templates").glob("*.html"))
    script = ROOT / "ui" / "assets" / "page.js"
    assert templates
    shown = [(path, _JINJA.sub("…", path.read_text(encoding="utf-8")).splitlines()) for path in templates]
    code = re.sub(r"(?m)^\s*//.*$", "", script.read_text(encoding="utf-8"))
    shown.append((script, [_INSERTED.sub("…", one) for one in _LITERAL.findall(code)]))
    assert [found for path, lines in shown for found in found_in(path, enumerate(lines, 1))] == []


def test_no_documentation_holds_one():
    files = sorted({path for pattern in DOCUMENTS for path in ROOT.glob(pattern)})
    assert {"README.md", "CHANGELOG.md"} <= {path.name for path in files}
    texts = [(path, _CODE.sub("", path.read_text(encoding="utf-8"))) for path in files]
    paragraphs = [(path, [(1, " ".join(part.split())) for part in re.split(r"\n\s*\n", text)]) for path, text in texts]
    assert [found for path, parts in paragraphs for found in found_in(path, parts)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Who reads goes on reading",
        "A full or read-only disk is told in a sentence",
        "Accounts of the same record from several sources become one",
        "A watch tells answers that the archive takes in after it was added",
        "an update that was stopped is made good by the next",
        "What was found to this part stands above.",
        "No answer was found to this part",
        "No record passes all the filters. Take one of them away.",
        "3 people are before you",
        "Sent to gain time.",
        "It cannot be brought forward where it lies: copy the folder to a place of yours",
        "Votes: Said twice, the same thing is kept once",
        "/x is no path. Write it like /answers.",
        "Archives have to be built anew",
        "the record that stands beside the answer",
        "without signs that steer a terminal",
    ],
)
def test_the_list_finds_what_it_is_for(text):
    assert calques(text)


@pytest.mark.parametrize(
    "text",
    [
        "Readers are not interrupted",
        "A full or read-only disk gives a one-line error",
        "Records of the same question from several sources are merged",
        "No answer found for this part",
        "There is no archive at my.index. Build one with: pq build SOURCE",
        "No record matches all the filters at once; “from” is matched by none. Remove one.",
        "3 people are ahead of you",
        "What did ministers tell Parliament? It shows what they told Parliament.",
        "What is going on? Who answered that?",
        "It is no longer read",
    ],
)
def test_the_list_spares_plain_english(text):
    assert calques(text) == []
