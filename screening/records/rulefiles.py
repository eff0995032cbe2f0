"""Rule files on disk."""

import datetime as dt
from pathlib import Path

from screening.core.ruleset import Ruleset
from screening.errors import DocumentError, MissingFileError, Problem, UnknownRulesetError
from screening.formats.casefile import Example, check_example, read_examples
from screening.formats.reader import MAX_BYTES
from screening.formats.rulebook import QUESTIONS, RuleText, read_ruleset, unused_items
from screening.resources import rules_folder

_ENDING = ".yaml"
_CASES_ENDING = ".cases.yaml"


def today() -> dt.date:
    """The day by this machine's clock; the only reading of it."""
    return dt.datetime.now().astimezone().date()


def read_file(path: Path) -> bytes:
    """The bytes of a file, one more than the largest that is accepted at most.

    Raises:
        MissingFileError: if it cannot be read.
    """
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
        if not path.name.endswith(_CASES_ENDING)
    }


def ruleset_names(folder: Path | None = None) -> list[str]:
    """The names of the rule files of a folder, without the question bank."""
    return [name for name in load_texts(folder) if name != QUESTIONS]


def load_ruleset(name: str = "documented", folder: Path | None = None) -> Ruleset:
    """Load one ruleset.

    Raises:
        UnknownRulesetError: if the folder has no such file.
        DocumentError: if a file has problems; all of them are listed.
    """
    texts = load_texts(folder)
    if name not in texts or name == QUESTIONS:
        raise UnknownRulesetError(name, (each for each in texts if each != QUESTIONS))
    return read_ruleset(name, texts)


def load_examples(ruleset: Ruleset, folder: Path | None = None) -> list[Example]:
    """The cases written beside a rule file; none if there is no case file.

    Raises:
        DocumentError: if the case file has problems.
    """
    path = (folder or rules_folder()) / f"{ruleset.id}{_CASES_ENDING}"
    return read_examples(_shown(path), read_file(path), ruleset) if path.is_file() else []


def check_folder(folder: Path | None = None) -> tuple[list[Ruleset], int, list[Problem]]:
    """Check every rule file of a folder, and run every case beside them.

    Returns:
        The rulesets without problems, the number of cases run, and all problems.
    """
    texts = load_texts(folder)
    rulesets: list[Ruleset] = []
    problems: dict[Problem, None] = {}
    ran = 0
    for name in (each for each in texts if each != QUESTIONS):
        try:
            ruleset = read_ruleset(name, texts)
            rulesets.append(ruleset)
            examples = load_examples(ruleset, folder)
        except DocumentError as error:
            problems |= dict.fromkeys(error.problems)
            continue
        ran += len(examples)
        problems |= dict.fromkeys(p for e in examples for p in check_example(e, ruleset))
    if rulesets and not problems:
        problems = dict.fromkeys(unused_items(texts, rulesets))
    return rulesets, ran, list(problems)


def _shown(path: Path) -> str:
    """A path as it is shown: from the working folder if it lies there, else with its folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return f"{path.parent.name}/{path.name}"
