"""The texts of rule files on disk; nothing that would read them is loaded."""

from collections.abc import Mapping
from pathlib import Path

from screening.errors import MissingFileError
from screening.formats.rules.rule_text import QUESTIONS, RuleText
from screening.formats.yaml.limits import MAX_BYTES
from screening.resources import rules_folder

ENDING = ".yaml"
EXAMPLES_ENDING = ".examples.yaml"


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
    paths = sorted(path for path in place.glob(f"*{ENDING}") if path.is_file())
    return {
        path.name.removesuffix(ENDING): RuleText(shown_path(path), read_file(path))
        for path in paths
        if not path.name.endswith(EXAMPLES_ENDING)
    }


def names_in(texts: Mapping[str, RuleText]) -> list[str]:
    """The names of rulesets among texts: all but the question bank."""
    return [name for name in texts if name != QUESTIONS]


def ruleset_names(folder: Path | None = None) -> list[str]:
    """The names of the rule files of a folder, without the question bank."""
    return names_in(load_texts(folder))


def shown_path(path: Path) -> str:
    """A path as it is shown: from the working folder if it is there, else with its folder."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return f"{path.parent.name}/{path.name}"
