"""Rule files on disk."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from screening.core.rules.ruleset import Ruleset
from screening.errors import DocumentError, Place, Problem, UnknownRulesetError
from screening.files.rule_texts import (
    ENDING,
    EXAMPLES_ENDING,
    load_texts,
    names_in,
    read_file,
    shown_path,
)
from screening.formats.examples.example_check import check_examples
from screening.formats.examples.example_file import Example, read_examples
from screening.formats.rules.rule_text import QUESTIONS, RuleText
from screening.formats.rules.rulebook import read_ruleset, unused_items
from screening.formats.yaml.hints import near
from screening.resources import rules_folder


class Check(NamedTuple):
    """The findings of a check: the rulesets that could be read, the examples run, every problem."""

    rulesets: list[Ruleset]
    ran: int
    problems: list[Problem]


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
        raise UnknownRulesetError(name, names_in(texts))
    return read_ruleset(name, texts)


def load_examples(ruleset: Ruleset, folder: Path | None = None) -> list[Example]:
    """The examples written beside a rule file; none if there is no example file.

    Raises:
        DocumentError: if the example file has problems.
    """
    return _examples((folder or rules_folder()) / f"{ruleset.id}{EXAMPLES_ENDING}", ruleset)


def check_folder(folder: Path | None = None) -> Check:
    """Check every rule file of a folder, and run every example beside them."""
    texts, place = load_texts(folder), folder or rules_folder()
    check = _check(texts, names_in(texts), place)
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
    name = path.name.removesuffix(EXAMPLES_ENDING).removesuffix(ENDING)
    beside = load_texts(path.parent)
    texts = load_texts() | beside
    if not path.name.endswith(EXAMPLES_ENDING):
        texts[name] = RuleText(shown_path(path), read_file(path))
    elif name not in names_in(texts):
        raise UnknownRulesetError(name, names_in(texts))
    names = (names_in(beside) or names_in(texts)) if name == QUESTIONS else [name]
    return _check(texts, names, path.parent)


def _check(texts: Mapping[str, RuleText], names: Iterable[str], folder: Path) -> Check:
    """Read rulesets and run the examples in the folder; a shared problem is listed once."""
    rulesets: list[Ruleset] = []
    problems: dict[Problem, None] = {}
    ran = 0
    for name in names:
        try:
            ruleset = read_ruleset(name, texts)
            rulesets.append(ruleset)
            examples = _examples(folder / f"{name}{EXAMPLES_ENDING}", ruleset)
        except DocumentError as error:
            problems |= dict.fromkeys(error.problems)
            continue
        ran += len(examples)
        source = shown_path(folder / f"{name}{EXAMPLES_ENDING}")
        problems |= dict.fromkeys(check_examples(examples, ruleset, source))
    return Check(rulesets, ran, list(problems))


def _examples(path: Path, ruleset: Ruleset) -> list[Example]:
    there = os.path.lexists(path)  # a link to nowhere is no reason to run no examples
    return read_examples(shown_path(path), read_file(path), ruleset) if there else []


def _orphans(folder: Path, texts: Mapping[str, RuleText]) -> Iterator[Problem]:
    """Example files that would never be run, as when a name is misspelt."""
    for path in sorted(folder.glob(f"*{EXAMPLES_ENDING}")):
        name = path.name.removesuffix(EXAMPLES_ENDING)
        if name not in names_in(texts):
            message = f"these examples are never run: there is no rule file `{name}{ENDING}`"
            hint = near(name, names_in(texts))
            place = Place(source=shown_path(path))
            yield Problem(code="orphan-examples", message=message, place=place, hint=hint)
