"""Who may import whom. Packages: ui -> rag -> index. Inside each, a room imports only rooms below it in this table."""

import ast
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "rag", "ui")  # from the lowest to the highest

# A room is a folder, or a file that lies in a package's own folder. Rooms on one floor do not import each other.
FLOORS = {
    "index": (
        ("errors", "expansion", "telemetry", "urls"),
        ("cluster", "records", "departments", "governments", "honorifics"),
        ("parliament", "person_names"),
        ("text",),
        ("encoders", "readers"),
        ("storage",),
        ("fetching",),
        ("ingest",),
        ("maintenance",),
        ("__main__",),
    ),
    "rag": (
        ("archive_cache", "bibtex", "coverage"),
        ("text",),
        ("query",),
        ("titles",),
        ("citations", "lineage"),
        ("retrieval",),
        ("answering", "time_series"),
        ("llm",),
        ("reply",),
        ("conversation", "rewording"),
        ("replying",),
        ("assistant", "verification"),
        ("live_assistant", "alerts", "evaluation", "training"),
    ),
    "ui": (
        ("console", "labels", "rendering"),
        ("jsonl", "filter_form", "serialise", "sample"),
        ("exports",),
        ("server",),
        ("page",),
        ("replicas",),
        ("commands",),
        ("cli",),
    ),
}
# What ui may import from below: names of the packages themselves, and three rooms that are used whole.
PUBLIC = {"index", "rag", "index.departments", "rag.training", "rag.verification"}
FLOOR_OF = {
    f"{package}.{room}": height
    for package, floors in FLOORS.items()
    for height, rooms in enumerate(floors)
    for room in rooms
}


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_of(path): path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))}


def targets(tree):
    """Yield all modules that a file names in an import, late ones and `import_module("...")` included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in FILES else node.module for name in inside)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "import_module":
            yield from (argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant))


def imports_of(module):
    """Return the modules of ours that one imports; of a dotted name the longest part that is a module."""
    found = set()
    for name in targets(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if name.split(".")[0] in PACKAGES:
            while name not in FILES:
                name = name.rpartition(".")[0]
            found.add(name)
    return found - {module}


IMPORTS = {module: imports_of(module) for module in FILES}
ALL = [(module, other) for module, others in IMPORTS.items() for other in sorted(others)]


def room_of(module):
    return ".".join(module.split(".")[:2])


def test_the_table_names_every_room_and_no_other():
    assert {room_of(module) for module in FILES if "." in module} == set(FLOOR_OF)


def test_imports_run_from_ui_over_rag_to_index():
    heights = {package: height for height, package in enumerate(PACKAGES)}
    # `python -m index build` is the same as `pq build`.
    up = [
        (module, other)
        for module, other in ALL
        if heights[other.split(".")[0]] > heights[module.split(".")[0]] and module != "index.__main__"
    ]
    assert up == []


def test_a_room_imports_only_rooms_on_lower_floors():
    wrong = [
        f"{module} imports {other}"
        for module, other in ALL
        if "." in module and "." in other
        if module.split(".")[0] == other.split(".")[0] and room_of(module) != room_of(other)
        if FLOOR_OF[room_of(other)] >= FLOOR_OF[room_of(module)]
    ]
    assert wrong == []


def test_ui_imports_public_names_of_the_lower_packages_only():
    inside = [
        f"{module} imports {other}"
        for module, other in ALL
        if module.split(".")[0] == "ui" and other.split(".")[0] != "ui" and other not in PUBLIC
    ]
    assert inside == []


def test_no_two_classes_share_a_name():
    places = defaultdict(list)
    for module, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module)
    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_no_module_imports_itself_over_others():
    try:
        TopologicalSorter({module: others for module, others in IMPORTS.items() if "." in module}).prepare()
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))
