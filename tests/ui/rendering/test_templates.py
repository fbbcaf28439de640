"""HTML is made in one place, and nothing there switches escaping off."""

import ast
import re
from pathlib import Path

import pytest

from ui.rendering.templates import _environment, render

UI = Path(__file__).parents[3] / "ui"
TEMPLATES = sorted((UI / "templates").glob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off_or_leaves_an_attribute_unquoted(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup|\|\s*tojson", text)
    assert not re.search(r"=\s*\{\{", text)
    assert "<script" not in text and "<style" not in text


def test_only_the_templates_hold_markup():
    for path in sorted(UI.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        strings = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        documented = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for text in strings:
            assert text in documented or not re.search(r"</?(?!ins|del)[a-z]+[ >]", text), f"{path.name}: {text[:60]}"
        names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        assert "Markup" not in names, path.name


def test_values_are_escaped():
    assert render("message", title="<b>", text="\"'&") == (
        '<div class="help" role="alert"><h2>&lt;b&gt;</h2><p>&#34;&#39;&amp;</p></div>'
    )


def test_a_forgotten_value_is_an_error_not_a_blank():
    with pytest.raises(Exception, match="'text' is undefined"):
        render("message", title="x")


@pytest.mark.parametrize(
    ("address", "linked"), [("https://www.gov.uk/x?y=1#z", True), ("https://gov.uk\\.example", False)]
)
def test_only_web_addresses_become_links(address, linked):
    template = _environment().from_string('{% if a | web_address %}<a href="{{ a }}">{% endif %}')
    assert bool(template.render(a=address)) == linked


def test_only_official_pages_are_shown_as_such():
    template = _environment().from_string("{{ a | record_page }}")
    assert template.render(a="https://www.gov.uk/x") == "None"
    assert template.render(a="https://www.parliament.uk/x") == "https://www.parliament.uk/x"
