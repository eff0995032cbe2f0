"""Rule files on disk."""

import datetime as dt
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from screening.core.rules.ruleset import Ruleset
from screening.errors import DocumentError, MissingFileError, Place, Problem, UnknownRulesetError
from screening.formats.examples.example_check import check_examples
from screening.formats.examples.example_file import Example, read_examples
from screening.formats.rules.rulebook import QUESTIONS, RuleText, read_ruleset, unused_items
from screening.formats.yaml.cursor import near
from screening.formats.yaml.reader import MAX_BYTES
from screening.resources import rules_folder

_ENDING = ".yaml"
_EXAMPLES_ENDING = ".examples.yaml"


class Check(NamedTuple):
    """The findings of a check: the rulesets that could be read, the examples run, every problem."""

    rulesets: list[Ruleset]
    ran: int
    problems: list[Problem]


def today() -> dt.date:
    """The day by this machine's clock; the only reading of it."""
    return dt.datetime.now().astimezone().date()


def read_file(path: Path) -> bytes:
    """The bytes of a file, one more than the largest that is accepted at most.

    Raises:
        MissingFileError: if it cannot be read.
    """
    if path.exists() and not path.is_file():
        raise MissingFileError(str(path), "it is no file")
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise MissingFileError(str(path), error.strerror or "it cannot be opened") from None


def load_texts(folder: Path | None = None) -> dict[str, RuleText]:
    """All rule files of a folder, by name; the shipped ones if no folder is named."""
    place = folder or rules_folder()
    paths = sorted(path for path in place.glob(f"*{_ENDING}") if path.is_file())
    return {
        path.name.removesuffix(_ENDING): RuleText(_shown(path), read_file(path))
        for path in paths
        if not path.name.endswith(_EXAMPLES_ENDING)
    }


def ruleset_names(folder: Path | None = None) -> list[str]:
    """The names of the rule files of a folder, without the question bank."""
    return _names(load_texts(folder))


def load_ruleset(name: str = "documented", folder: Path | None = None) -> Ruleset:
    """Load one ruleset.

    Raises:
        UnknownRulesetError: if the folder has no such file.
        DocumentError: if a file has problems; all of them are listed.
    """
    return read_named(name, load_texts(folder))


def read_named(name: str, texts: Mapping[str, RuleText]) -> Ruleset:
    """Read one ruleset of the texts of a folder; raises as ``load_ruleset`` does."""
    if name not in texts or name == QUESTIONS:
        raise UnknownRulesetError(name, _names(texts))
    return read_ruleset(name, texts)


def load_examples(ruleset: Ruleset, folder: Path | None = None) -> list[Example]:
    """The examples written beside a rule file; none if there is no example file.

    Raises:
        DocumentError: if the example file has problems.
    """
    return _examples((folder or rules_folder()) / f"{ruleset.id}{_EXAMPLES_ENDING}", ruleset)


def check_folder(folder: Path | None = None) -> Check:
    """Check every rule file of a folder, and run every example beside them."""
    texts, place = load_texts(folder), folder or rules_folder()
    check = _check(texts, _names(texts), place)
    check.problems.extend(_orphans(place, texts))
    if check.rulesets and not check.problems:
        check.problems.extend(unused_items(texts, check.rulesets))
    return check


def check_file(path: Path) -> Check:
    """Check one rule file, example file or question bank.

    The question bank and the included files are those beside it, else the shipped ones. A bank is
    checked with every rule file that is there.

    Raises:
        MissingFileError: if it cannot be read.
        UnknownRulesetError: if it is an example file and its rule file is nowhere.
    """
    name = path.name.removesuffix(_EXAMPLES_ENDING).removesuffix(_ENDING)
    beside = load_texts(path.parent)
    texts = load_texts() | beside
    if not path.name.endswith(_EXAMPLES_ENDING):
        texts[name] = RuleText(_shown(path), read_file(path))
    elif name not in _names(texts):
        raise UnknownRulesetError(name, _names(texts))
    names = (_names(beside) or _names(texts)) if name == QUESTIONS else [name]
    return _check(texts, names, path.parent)


def _names(texts: Mapping[str, RuleText]) -> list[str]:
    return [name for name in texts if name != QUESTIONS]


def _check(texts: Mapping[str, RuleText], names: Iterable[str], folder: Path) -> Check:
    """Read rulesets and run the examples in the folder; a shared problem is listed once."""
    rulesets: list[Ruleset] = []
    problems: dict[Problem, None] = {}
    ran = 0
    for name in names:
        try:
            ruleset = read_ruleset(name, texts)
            rulesets.append(ruleset)
            examples = _examples(folder / f"{name}{_EXAMPLES_ENDING}", ruleset)
        except DocumentError as error:
            problems |= dict.fromkeys(error.problems)
            continue
        ran += len(examples)
        source = _shown(folder / f"{name}{_EXAMPLES_ENDING}")
        problems |= dict.fromkeys(check_examples(examples, ruleset, source))
    return Check(rulesets, ran, list(problems))


def _examples(path: Path, ruleset: Ruleset) -> list[Example]:
    there = os.path.lexists(path)  # a link to nowhere is no reason to run no examples
    return read_examples(_shown(path), read_file(path), ruleset) if there else []


def _orphans(folder: Path, texts: Mapping[str, RuleText]) -> Iterator[Problem]:
    """Example files that would never be run, as when a name is misspelt."""
    for path in sorted(folder.glob(f"*{_EXAMPLES_ENDING}")):
        name = path.name.removesuffix(_EXAMPLES_ENDING)
        if name not in _names(texts):
            message = f"these examples are never run: there is no rule file `{name}{_ENDING}`"
            hint = near(name, _names(texts))
            place = Place(source=_shown(path))
            yield Problem(code="orphan-examples", message=message, place=place, hint=hint)


def _shown(path: Path) -> str:
    """A path as it is shown: from the working folder if it is there, else with its folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return f"{path.parent.name}/{path.name}"
