"""Answers as the sealed fields hold them: with their type, and readable without any ruleset."""

import datetime as dt
import json

from screening.core.answer import AbsentReason, Answer
from screening.core.span import Span
from screening.formats.days import read_days, write_days

WITHDRAWN = "withdrawn"


def write_sealed(answer: Answer | None) -> bytes:
    """An answer as JSON; None is the withdrawal of one."""
    return json.dumps(_data(answer), ensure_ascii=False, separators=(",", ":")).encode()


def read_sealed(data: bytes) -> Answer | None:
    """Read what ``write_sealed`` wrote."""
    ((kind, value),) = json.loads(data).items()
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
