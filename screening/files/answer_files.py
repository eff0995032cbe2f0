"""Answers documents on disk."""

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path

from screening.core.answer import Answer
from screening.core.ruleset import Ruleset
from screening.errors import MissingFileError
from screening.files.rule_files import today
from screening.formats.documents.answers_json import AnswersDocument, read_answers, write_answers
from screening.formats.documents.strict_json import MAX_CHARACTERS

OWNER_ONLY = 0o600


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


def save_answers(
    path: Path, answers: Mapping[str, Answer], as_of: dt.date, birth_year: int | None = None
) -> None:
    """Save an answers document, whole or not at all, for the eyes of its owner only.

    Raises:
        OSError: if it cannot be written; what was there before is still there.
    """
    path = path.resolve()  # a link keeps pointing to the file that it names
    text = (
        json.dumps(write_answers(answers, as_of, birth_year), ensure_ascii=False, indent=2) + "\n"
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as f:
            f.write(text.encode())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
