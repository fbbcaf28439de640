"""The pinned versions of `.constraints.txt`: whole, within what pyproject.toml allows, from no named index."""

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LINES = (ROOT / ".constraints.txt").read_text(encoding="utf-8").splitlines()
PINNED = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_each_line_pins_one_version_that_any_index_can_give():
    assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert len(PINNED) == len(LINES)


def test_every_dependency_is_pinned_to_a_version_that_the_project_allows():
    extras = PROJECT["optional-dependencies"].values()
    wanted = [Requirement(one) for one in (*PROJECT["dependencies"], *(one for extra in extras for one in extra))]
    wrong = [str(one) for one in wanted if PINNED.get(canonicalize_name(one.name)) not in one.specifier]
    assert wanted
    assert wrong == [], "add the versions in use, or run: make constraints"


def test_set_up_names_no_package_index():
    for name in ("Makefile", ".constraints.txt", ".pre-commit-config.yaml", ".github/workflows/ci.yml"):
        assert re.findall(r"https?://|index-url|find-links", (ROOT / name).read_text(encoding="utf-8")) == [], name


def test_the_hooks_use_the_pinned_tools():
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    tools = re.findall(r"additional_dependencies: \[([\w-]+)==([\w.]+)\]", hooks)
    assert tools and [tool for tool in tools if PINNED[tool[0]] != tool[1]] == []
