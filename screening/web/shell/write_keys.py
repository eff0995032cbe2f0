"""Keys in the forms of casework: the idempotency key of a write, and a case's version.

A form without them, or with ones that no page of ours made, is not ours.
"""

import re
import uuid
from http import HTTPStatus

from flask import abort
from werkzeug.datastructures import MultiDict

_KEY = re.compile("[0-9a-f]{32}")
_NUMBER = re.compile("[0-9]{1,9}")


def fresh_key() -> str:
    """A key for a form that is shown for the first time."""
    return uuid.uuid4().hex


def posted_once(posted: MultiDict[str, str]) -> str:
    """The key that a form carried.

    Raises:
        BadRequest: if no page of ours made it.
    """
    return _posted(posted, "once", _KEY)


def posted_number(posted: MultiDict[str, str], name: str = "version") -> int:
    """A number that a form carried.

    Raises:
        BadRequest: if it is none.
    """
    return int(_posted(posted, name, _NUMBER))


def _posted(posted: MultiDict[str, str], name: str, form: re.Pattern[str]) -> str:
    text = posted.get(name, "")
    if not form.fullmatch(text):
        abort(HTTPStatus.BAD_REQUEST)
    return text
