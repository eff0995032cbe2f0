"""A file of a person's answers: the fields of the form, to be put into it again.

Nothing of it is believed: its fields go through the same form as what is typed.
"""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from screening.formats.documents.strict_json import Json, JsonReader

FORMAT = 1
LARGEST = 32 * 1024
"""In bytes; all answers to all questions fill about a tenth."""
_KIND = "answers of vertebra-screening"
_LONGEST = 1000
_MOST = 500

Field = tuple[str, str]


class FileFault(Enum):
    """The reason why a file of answers cannot be read."""

    EMPTY = auto()
    TOO_LARGE = auto()
    NOT_OURS = auto()
    DAMAGED = auto()
    NEWER = auto()


class FileFaultError(ValueError):
    """A file of answers cannot be read."""

    def __init__(self, fault: FileFault) -> None:
        """Keep the reason; the content of the file is in no message."""
        super().__init__(fault.name)
        self.fault = fault


class SavedAnswers(NamedTuple):
    """The fields that a form knows, the day they were saved, and the names that it does not."""

    fields: list[Field]
    saved_on: dt.date
    unknown: list[str]


def write_saved(fields: Iterable[Field], saved_on: dt.date) -> bytes:
    """A file of answers."""
    data = {
        "file": _KIND,
        "format": FORMAT,
        "saved_on": saved_on.isoformat(),
        "fields": [list(field) for field in fields],
    }
    return f"{json.dumps(data, ensure_ascii=False, indent=1)}\n".encode()


def read_saved(data: bytes, known: Collection[str]) -> SavedAnswers:
    """Read a file of answers.

    Args:
        data: the file.
        known: the names of fields that may be in it. No other one gets through.

    Raises:
        FileFaultError: if it is no such file, or a damaged one.
    """
    root = _parse(data)
    if not isinstance(root, dict) or root.get("file") != _KIND:
        raise FileFaultError(FileFault.NOT_OURS)
    if root.get("format") != FORMAT or isinstance(root["format"], bool):
        newer = isinstance(root.get("format"), int) and root["format"] not in (True, False)
        raise FileFaultError(FileFault.NEWER if newer else FileFault.DAMAGED)
    if root.keys() != {"file", "format", "saved_on", "fields"}:
        raise FileFaultError(FileFault.DAMAGED)
    fields = list(_fields(root["fields"]))
    unknown = dict.fromkeys(name for name, _ in fields if name not in known)
    kept = [field for field in fields if field[0] in known]
    return SavedAnswers(kept, _day(root["saved_on"]), list(unknown))


def _parse(data: bytes) -> Json:
    if not data.strip():
        raise FileFaultError(FileFault.EMPTY)
    if len(data) > LARGEST:
        raise FileFaultError(FileFault.TOO_LARGE)
    reader = JsonReader("answers")
    root = reader.parse(data)
    if root is None:
        raise FileFaultError(FileFault.NOT_OURS)
    if reader.problems:
        raise FileFaultError(FileFault.DAMAGED)
    return root


def _fields(value: Json) -> Iterator[Field]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise FileFaultError(FileFault.DAMAGED)
    for pair in value:
        match pair:
            case [str(name), str(text)] if max(len(name), len(text)) <= _LONGEST:
                yield name, text
            case _:
                raise FileFaultError(FileFault.DAMAGED)


def _day(value: Json) -> dt.date:
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise FileFaultError(FileFault.DAMAGED) from None
