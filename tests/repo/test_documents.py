"""What the documents of the house name exists, and every room stands in ARCHITECTURE.md."""

import importlib
import re
import runpy
from collections.abc import Callable, Iterator
from functools import cache
from itertools import takewhile
from pathlib import Path

import click
import pytest

from screening.cli import main

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "screening"
ARCHITECTURE = "ARCHITECTURE.md"
DOCUMENTS = (
    *(ARCHITECTURE, "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "docs/glossary.md"),
    *sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("docs/decisions/*.md")),
)
LINKED = ("README.md", *DOCUMENTS)
BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)#:\s]+)\)")
ROOM = re.compile(r"^\| `(?!screening/)(\w+/\w+)` \|", re.MULTILINE)
FLOOR = re.compile(r"^\| `screening/(\w+)` \|", re.MULTILINE)
HEADINGS = ("## Context", "## Decision", "## Consequences")

DOTTED = re.compile(
    r"(screening\.)?(core|proof|words|formats|files|records|web|cli|errors|translation)(\.\w+)+"
)
A_PATH = re.compile(r"[\w.-]+(/[\w.-]*)+|[\w-]+\.(py|md|html|yaml|toml|txt)")
AN_ADDRESS = re.compile(r"/[\w<>:/.-]*")
A_COMMAND = re.compile(r"(\.venv/bin/)?screening [a-z-].*")
A_TARGET = re.compile(r"make [a-z-]+")
A_SCRIPT = re.compile(r"(?:PYTHONPATH=tests )?(?:\.venv/bin/)?python .+")
A_NAME = re.compile(r"@?[A-Za-z_]\w*[:(…)]*")
PLACEHOLDER = re.compile(r"[A-Z]{4,}")
SOURCES = ("screening/**/*.py", "tests/**/*.py", "rules/*.yaml", "templates/**/*.html")
FOLDERS = ("screening", "rules", "templates", "tests", "docs")
MADE_AT_SET_UP = (".venv",)
OTHER_WORDS = frozenset({"ruff", "mypy", "basedpyright", "make", "git", "None", "bool", "area"})
"""Programs, and words of Python or of a pattern, which no file of ours has to have."""


def spans(text: str) -> Iterator[str]:
    """Everything that a document sets as code: single words, and the lines of shell blocks."""
    for block in BLOCK.findall(text):
        yield from (line.partition("#")[0].strip() for line in block.splitlines())
    yield from CODE.findall(BLOCK.sub("", text))


def in_no_folder(path: str) -> bool:
    """Whether a path leads nowhere, from the top or from the package.

    Of one with a placeholder, the folder before it has to be there.
    """
    parts = path.rstrip("/").split("/")
    if parts[0] in MADE_AT_SET_UP:
        return False
    if len(parts) == 1:
        return parts[0] not in file_names()
    if PLACEHOLDER.search(path.removesuffix(".md")):
        parts = list(takewhile(lambda part: not PLACEHOLDER.search(part), parts))
    return not any((start / "/".join(parts)).exists() for start in (ROOT, PACKAGE))


@cache
def file_names() -> frozenset[str]:
    """The names of all files at the top and in the folders of ours."""
    below = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    return frozenset(path.name for path in (*ROOT.glob("*"), *below))


def in_no_module(name: str) -> bool:
    """Whether a dotted name is neither a module nor something in one."""
    parts = f"screening.{name.removeprefix('screening.')}".split(".")
    for length in range(len(parts), 1, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            if not has(found, part):
                return True
            found = getattr(found, part, None)
        return False
    return True


def has(owner: object, name: str) -> bool:
    return hasattr(owner, name) or name in getattr(owner, "__annotations__", {})


def is_no_command(line: str) -> bool:
    """Whether a command line names a command or an option that there is not."""
    words = line.removeprefix(".venv/bin/").split()[1:]
    command: click.Command = main
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words.pop(0))
        if found is None:
            return True
        command = found
    options = {"--help", "--version"} | {name for each in command.params for name in each.opts}
    return any(word.split("=")[0] not in options for word in words if word.startswith("--"))


@cache
def addresses() -> frozenset[str]:
    """The addresses of the application, as ``test_routes`` keeps them."""
    kept = (ROOT / "tests" / "data" / "routes.txt").read_text("utf-8")
    return frozenset(line.split()[0] for line in kept.splitlines() if line)


@cache
def targets() -> frozenset[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return frozenset(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


@cache
def words_of_sources() -> frozenset[str]:
    own = Path(__file__).name
    texts = (p.read_text("utf-8") for s in SOURCES for p in ROOT.glob(s) if p.name != own)
    return frozenset(word for text in texts for word in re.findall(r"[\w-]+", text))


def is_no_test(command: str) -> bool:
    """Whether a Python command runs a file or a module of the tests that is not there."""
    words = command.split()
    paths = [word for word in words if "/" in word]
    paths += [f"tests/{word.replace('.', '/')}.py" for word in words if word.startswith("support.")]
    return any(in_no_folder(path) for path in paths)


def is_no_word(word: str) -> bool:
    """Whether a word stands in no source; one that ends in ``_`` is the beginning of some."""
    if word.endswith("_"):
        return not any(each.startswith(word) for each in words_of_sources())
    return word not in words_of_sources() | OTHER_WORDS | targets()


def is_no_target(command: str) -> bool:
    return command.removeprefix("make ") not in targets()


def is_no_address(address: str) -> bool:
    return address not in addresses()


def is_no_name(span: str) -> bool:
    return is_no_word(span.strip("@:(…)"))


KINDS: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (A_TARGET, is_no_target),
    (A_COMMAND, is_no_command),
    (A_SCRIPT, is_no_test),
    (AN_ADDRESS, is_no_address),
    (A_PATH, in_no_folder),
    (DOTTED, in_no_module),
    (A_NAME, is_no_name),
)
"""What can be looked up, and whether it is not there; the first that fits counts."""


def names_nothing(span: str) -> bool:
    """Whether something that a document sets as code can be looked up, and is not there."""
    fits = (absent for kind, absent in KINDS if kind.fullmatch(span))
    return next(fits, lambda _: False)(span)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_document_names_exists(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert [span for span in spans(text) if names_nothing(span)] == []


@pytest.mark.parametrize("name", LINKED)
def test_what_a_document_links_exists(name: str) -> None:
    path = ROOT / name
    linked = LINK.findall(path.read_text("utf-8"))
    assert [each for each in linked if not (path.parent / each).exists()] == []


def test_the_readme_leads_to_every_document() -> None:
    linked = LINK.findall((ROOT / "README.md").read_text("utf-8"))
    single = {name for name in DOCUMENTS if not name.startswith("docs/decisions/")}
    assert single | {"docs/decisions/"} <= set(linked)


def test_every_room_stands_in_its_order() -> None:
    floors = runpy.run_path(str(Path(__file__).with_name("test_floors.py")))
    rooms: dict[str, tuple[str, ...]] = floors["ROOMS"]
    listed = ROOM.findall((ROOT / ARCHITECTURE).read_text("utf-8"))
    packages = [
        f"{floor}/{room}"
        for floor, order in rooms.items()
        for room in order
        if (PACKAGE / floor / room / "__init__.py").exists()
    ]
    assert listed == packages


def test_every_floor_stands_there() -> None:
    listed = FLOOR.findall((ROOT / ARCHITECTURE).read_text("utf-8"))
    assert sorted(listed) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if "/decisions/" in name])
def test_a_decision_is_short_and_has_its_parts(name: str) -> None:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("## ")] == list(HEADINGS)
    assert lines[0].startswith(f"# {int(Path(name).name[:4])}. ")
    assert len(lines) <= 30


@pytest.mark.parametrize(
    "span",
    [
        "make everything",
        "screening nothing",
        "screening keys lose",
        "screening serve --fast",
        ".venv/bin/screening nothing",
        "python tests/nothing.py",
        "PYTHONPATH=tests .venv/bin/python -m support.nothing",
        "/worklist/nothing",
        "web.case.nothing",
        "web.case.draft.Draft.nothing",
        "records.nothing",
        "screening/web/nothing",
        "screening/nothing/NAME.py",
        "web/nothing",
        "nothing_at_all.py",
        "tests/web/case/test_nothing.py",
        "a_name_that_no_file_has",
    ],
)
def test_a_name_of_nothing_is_seen(span: str) -> None:
    assert names_nothing(span)


@pytest.mark.parametrize(
    "span",
    [
        "make setup-test",
        "screening users link",
        "PYTHONPATH=tests .venv/bin/python -m support.golden",
        "screening serve --production",
        "/case/<case_id>/close",
        "web.case.draft.Draft.read",
        "core.results.assess.Assessment.possible",
        "screening/cli/rules/NAME.py",
        "tests/web/case/test_NAME.py",
        "web/case",
        "0010_rights_steps.py",
        "find_case",
    ],
)
def test_a_name_of_something_is_left_alone(span: str) -> None:
    assert not names_nothing(span)
