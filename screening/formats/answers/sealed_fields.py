"""Answers as the sealed fields of a case hold them: with question, type, and how they came in.

They can be read without any ruleset. Each has to fit into one block of ``MOST_BYTES``, for a cipher
hides content and not length; ``lint`` refuses a question with an answer that is longer.
"""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from screening.core.rules.item import Item, ItemType
from screening.core.values.answer import AbsentReason, Answer
from screening.core.values.span import Span
from screening.formats.answers.days import read_days, write_days

MOST_BYTES = 256
LONGEST_LINK = 80
WITHDRAWN = "withdrawn"
NO_QUESTION = ""
"""Replaces the question of a note that is kept like an answer."""
_OF, _HOW, _NOTE = "of", "how", "note"
_LONGEST_HOW = "autosave"


def write_sealed_answer(link_id: str, answer: Answer | None, how: str) -> bytes:
    """The answer to a question as JSON, with how it came in; None is the withdrawal of one."""
    return _json({_OF: link_id, _HOW: how, **_data(answer)})


def read_sealed_answer(data: bytes) -> tuple[str, Answer | None]:
    """Read what ``write_sealed_answer`` wrote; of a note, that it answers no question."""
    found = json.loads(data)
    found.pop(_HOW, None)
    link_id: str = found.pop(_OF)
    ((kind, value),) = found.items()
    return link_id, _read(kind, value)


def read_how(data: bytes) -> str | None:
    """The way an answer came in; None if its row says so, as that of an earlier version does."""
    how: str | None = json.loads(data).get(_HOW)
    return how


def write_note(data: Mapping[str, object]) -> bytes:
    """A note that is to look like an answer."""
    return _json({_OF: NO_QUESTION, _NOTE: data})


def read_note(data: bytes) -> dict[str, Any]:
    """Read what ``write_note`` wrote."""
    note: dict[str, Any] = json.loads(data)[_NOTE]
    return note


def add_question(data: bytes, link_id: str, how: str) -> bytes:
    """An answer that an earlier version kept without its question, as it is kept now."""
    return _json({_OF: link_id, _HOW: how, **json.loads(data)})


def write_answer(answer: Answer | None) -> str:
    """The same without the question."""
    return _json(_data(answer)).decode()


def longest_answer_size(item: Item) -> int:
    """The bytes that the longest answer to a question takes, be it a withdrawal or no value."""
    return max(
        len(write_sealed_answer(item.link_id, each, _LONGEST_HOW)) for each in _long_answers(item)
    )


def _long_answers(item: Item) -> Iterator[Answer | None]:
    """Of each kind of answer to a question one that no other of this kind is longer than."""
    yield None
    yield from (Answer(absent=reason) for reason in AbsentReason)
    match item.type:
        case ItemType.YES_NO:
            yield Answer(value=False)
        case ItemType.CHOICE:
            yield from (Answer(value=code) for code in item.choices)
        case ItemType.CHOICES:
            yield Answer(value=frozenset(item.choices))
        case ItemType.NUMBER:
            yield from (Answer(value=each) for each in (item.minimum, item.maximum))
        case ItemType.DATE:
            yield Answer(value=Span(first=dt.date.min, last=dt.date.max - dt.timedelta(1)))


def _read(kind: str, value: str) -> Answer | None:
    match kind:
        case "day":
            return Answer(value=dt.date.fromisoformat(value))
        case "days":
            return Answer(value=read_days(value))
        case "codes":
            return Answer(value=frozenset(value))
        case "absent":
            return Answer(absent=AbsentReason(value))
        case "value":
            return Answer(value=value)
        case _:
            return None


def _json(data: dict[str, object]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _data(answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {WITHDRAWN: True}
    match answer.value:
        case None:
            return {"absent": (answer.absent or AbsentReason.UNKNOWN).value}
        case frozenset():
            return {"codes": sorted(answer.value)}
        case dt.date():
            return {"day": answer.value.isoformat()}
        case Span():
            return {"days": write_days(answer.value)}
        case _:
            return {"value": answer.value}
