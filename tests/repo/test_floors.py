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
    "core": 1,
    "proof": 1,
    "formats": 2,
    "records": 3,
    "batch": 3,
    "cli": 4,
    "web": 4,
    "__main__": 5,
    "": 5,  # the package itself, whose create_app imports the web when it is called
}
STANDARD_ONLY = 1
PURE = 2
IMPURE_MODULES = {
    *("asyncio", "ctypes", "fileinput", "glob", "http", "io", "locale", "logging", "mmap"),
    *("multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "sqlite3"),
    *("ssl", "subprocess", "tempfile", "threading", "time", "urllib", "uuid", "warnings"),
}
IMPURE_NAMES = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}
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
            within = source == "screening"  # `from screening import core` imports a module
            yield from (f"{source}.{n.name}" for n in node.names) if within else [source]


def reaching_up(module: str, tree: ast.AST) -> list[str]:
    own = [name for name in imported(tree) if name.partition(".")[0] == "screening"]
    known = [name for name in own if name.removeprefix("screening.") != "__version__"]
    return [name for name in known if floor_of(name) > floor_of(module)]


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
    assert {"screening", "screening.errors", "screening.core.truth"} <= TREES.keys()


@pytest.mark.parametrize("module", TREES)
def test_imports_go_down_only(module: str) -> None:
    assert reaching_up(module, TREES[module]) == []


@pytest.mark.parametrize("module", up_to(STANDARD_ONLY))
def test_the_lowest_floors_need_the_standard_library_only(module: str) -> None:
    assert foreign(TREES[module]) == []


@pytest.mark.parametrize("module", up_to(PURE))
def test_pure_floors_have_no_clock_no_files_and_no_chance(module: str) -> None:
    assert impure(TREES[module]) == []


@pytest.mark.parametrize(
    "line",
    [
        "import screening.web",
        "from screening.formats.rulefile import read",
        "from screening import cli",
    ],
)
def test_an_import_that_goes_up_is_seen(line: str) -> None:
    assert reaching_up("screening.core.truth", ast.parse(line))


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
