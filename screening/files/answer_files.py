"""Answers documents on disk."""

from pathlib import Path

from screening.core.rules.ruleset import Ruleset
from screening.errors import MissingFileError
from screening.files.clock import today
from screening.formats.documents.answers_json import AnswersDocument, read_answers
from screening.formats.documents.strict_json import MAX_CHARACTERS


def load_answers(path: Path, ruleset: Ruleset) -> AnswersDocument:
    """Load an answers document.

    Raises:
        MissingFileError: if the file cannot be read.
        DocumentError: with every problem of the document.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_CHARACTERS + 1)
    except OSError as error:
        raise MissingFileError(str(path), error.strerror or "it cannot be opened") from None
    return read_answers(data, ruleset, today(), str(path))
