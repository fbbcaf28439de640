"""Imports run one way: ui -> rag -> index, and nothing imports its own package's root."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
BELOW = {"index": {"index"}, "rag": {"rag", "index"}, "ui": {"ui", "rag", "index"}}


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_imports_run_from_ui_over_rag_to_index():
    wrong = []
    for package, allowed in BELOW.items():
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
                top = name.split(".")[0]
                if top in BELOW and top not in allowed:
                    wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def names_from_own_root(package, path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == package:
            yield from (a.name for a in node.names if not (ROOT / package / f"{a.name}.py").exists())


def test_no_module_imports_names_from_the_root_of_its_own_package():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in BELOW
        for path in sorted((ROOT / package).rglob("*.py"))
        for name in names_from_own_root(package, path)
        if not (ROOT / package / name).is_dir()
    ]
    assert wrong == []
