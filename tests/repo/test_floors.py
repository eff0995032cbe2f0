"""The floors of the house: imports go down only, and the pure floors know no clock and no files."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "screening"
FLOORS = {
    "errors": 0,
    "resources": 0,
    "settings": 0,
    "log_lines": 0,
    "translation": 0,
    "core": 1,
    "proof": 1,
    "words": 2,
    "formats": 3,
    "files": 4,
    "records": 5,
    "batch": 5,
    "cli": 6,
    "web": 6,
    "__main__": 7,
    "": 7,  # the package itself, whose create_app imports the web when it is called
}
ROOMS = {
    "core": ("values", "rules", "compiled", "results"),
    "proof": ("checks", "examples", "comparison", "explanation"),
    "words": ("shared", "patient", "nurse", "auditor"),
    "formats": ("answers", "referrals", "yaml", "documents", "examples", "languages", "rules"),
    "records": (
        *("access", "errors", "storage", "sealing", "ledger", "verification", "witness"),
        *(
            "case",
            "casework",
            "people",
            "rights",
            "worklist",
            "rules",
            "results",
            "installation",
            "operation",
        ),
    ),
    "batch": ("columns", "tables", "spark"),
    "web": (
        *("forms", "shell", "accounts", "patient", "questionnaire", "service", "case"),
        *("people", "rules", "results", "worklist", "audit"),
    ),
    "cli": ("terminal", "operation", "questionnaire", "results", "rules", "service"),
}
"""The packages inside a floor, lowest first: each imports those before it only."""
FLOOR_PACKAGES = {f"screening.{floor}" for floor in ROOMS}
STANDARD_ONLY = 2
PURE = 3
IMPURE_MODULES = {
    *("asyncio", "ctypes", "fileinput", "glob", "http", "io", "locale", "logging", "mmap"),
    *("multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"),
    *("ssl", "subprocess", "tempfile", "threading", "time", "urllib", "uuid", "warnings"),
}
IMPURE_NAMES = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}
EXCEPTED = {"screening.core.compiled.straight": ["exec"]}
"""It compiles a source of its own numbers and names, and no text of a rule file."""
CLOCKS = {"now", "today", "utcnow"}


def floor_of(module: str) -> int:
    """The floor of a module of ours, by the first name below the package."""
    return FLOORS[module.removeprefix("screening").lstrip(".").partition(".")[0]]


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if "frontend" not in path.parts:  # scripts of the set-up, no part of the package
            parts = ("screening", *path.relative_to(PACKAGE).with_suffix("").parts)
            yield ".".join(parts).removesuffix(".__init__"), path


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            # `from screening import core` and `from screening.web import case` import modules
            within = source == "screening" or source in FLOOR_PACKAGES
            yield from (f"{source}.{n.name}" for n in node.names) if within else [source]


def reaching_up(module: str, tree: ast.AST) -> list[str]:
    own = [name for name in imported(tree) if name.partition(".")[0] == "screening"]
    known = [name for name in own if name.removeprefix("screening.") != "__version__"]
    return [name for name in known if floor_of(name) > floor_of(module)]


def room_of(module: str) -> tuple[str, str]:
    """The floor and the package inside it; "" for the floor itself, which may import any."""
    _, _, below = module.partition(".")
    floor, _, rest = below.partition(".")
    return floor, rest.partition(".")[0]


def reaching_sideways(module: str, tree: ast.AST) -> list[str]:
    """What a module imports of a package of its floor that comes after its own."""
    floor, room = room_of(module)
    if floor not in ROOMS or not room:
        return []
    order = ROOMS[floor]
    own = [name for name in imported(tree) if room_of(name)[0] == floor]
    return [name for name in own if rank(order, room_of(name)[1]) > order.index(room)]


def rank(order: tuple[str, ...], room: str) -> int:
    """The place of a package in its floor's order; the text above all packages comes last."""
    return order.index(room) if room in order else len(order)


def foreign(tree: ast.AST) -> list[str]:
    tops = {name.partition(".")[0] for name in imported(tree)}
    return sorted(tops - sys.stdlib_module_names - {"screening"})


def impure(tree: ast.AST) -> list[str]:
    found = [name for name in imported(tree) if name.partition(".")[0] in IMPURE_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_NAMES:
            found.append(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            found.append(f".{node.attr}")
    return found


TREES = {module: ast.parse(path.read_text("utf-8")) for module, path in modules()}


def up_to(highest: int) -> list[str]:
    return [module for module in TREES if 0 < floor_of(module) <= highest]


def test_the_package_is_read() -> None:
    assert {"screening", "screening.errors", "screening.core.values.truth"} <= TREES.keys()


@pytest.mark.parametrize("module", TREES)
def test_imports_go_down_only(module: str) -> None:
    assert reaching_up(module, TREES[module]) == []


@pytest.mark.parametrize("module", [each for each in TREES if room_of(each)[0] in ROOMS])
def test_a_package_imports_only_packages_below_it(module: str) -> None:
    assert reaching_sideways(module, TREES[module]) == []


@pytest.mark.parametrize("floor", ROOMS)
def test_every_package_of_a_floor_has_its_place(floor: str) -> None:
    assert {room for at, room in map(room_of, TREES) if at == floor and room} == set(ROOMS[floor])


@pytest.mark.parametrize("module", up_to(STANDARD_ONLY))
def test_the_lowest_floors_need_the_standard_library_only(module: str) -> None:
    assert foreign(TREES[module]) == []


@pytest.mark.parametrize("module", up_to(PURE))
def test_pure_floors_have_no_clock_no_files_and_no_chance(module: str) -> None:
    assert impure(TREES[module]) == EXCEPTED.get(module, [])


@pytest.mark.parametrize(
    "line",
    [
        "import screening.web",
        "from screening.formats.rules.rule_file import read",
        "from screening import cli",
    ],
)
def test_an_import_that_goes_up_is_seen(line: str) -> None:
    assert reaching_up("screening.core.values.truth", ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "from screening.web.audit import search",
        "from screening.web.case.answers import blueprint",
        "from screening.web import create_app",
    ],
)
def test_an_import_of_a_package_above_is_seen(line: str) -> None:
    assert reaching_sideways("screening.web.shell.dates", ast.parse(line))


@pytest.mark.parametrize("line", ["import yaml", "from flask import Flask", "import click.testing"])
def test_a_library_is_seen(line: str) -> None:
    assert foreign(ast.parse(line))


@pytest.mark.parametrize(
    "line",
    [
        "date.today()",
        "datetime.datetime.now()",
        "open('x')",
        "import os.path",
        "from pathlib import Path",
    ],
)
def test_a_clock_or_a_file_is_seen(line: str) -> None:
    assert impure(ast.parse(line))
