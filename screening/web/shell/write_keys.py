"""Keys in the forms of casework: the idempotency key of a write, and a case's version.

A form without them, or with ones that no page of ours made, is not ours.
"""

import re
import uuid
from http import HTTPStatus

from flask import abort, request

_KEY = re.compile("[0-9a-f]{32}")
_NUMBER = re.compile("[0-9]{1,9}")


def fresh_key() -> str:
    """A key for a form that is shown."""
    return uuid.uuid4().hex


def posted_key() -> str:
    """The key that the posted form carries.

    Raises:
        BadRequest: if no page of ours made it.
    """
    return _posted("once", _KEY)


def posted_version() -> int:
    """The version of the case that the page with the posted form showed.

    Raises:
        BadRequest: if it is no number.
    """
    return posted_number("version")


def posted_number(name: str) -> int:
    """A number that the posted form carries.

    Raises:
        BadRequest: if it is none.
    """
    return int(_posted(name, _NUMBER))


def _posted(name: str, form: re.Pattern[str]) -> str:
    text = request.form.get(name, "")
    if not form.fullmatch(text):
        abort(HTTPStatus.BAD_REQUEST)
    return text
