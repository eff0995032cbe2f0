"""What forms of casework carry: the key under which a write is done once, and a case's version."""

import re
import uuid

from flask import request

NO_VERSION = -1
_KEY = re.compile("[0-9a-f]{32}")


def fresh_once() -> str:
    """A key for a form that is shown for the first time."""
    return uuid.uuid4().hex


def posted_once() -> str:
    """The key that a form carried; a fresh one if it carried none that a page of ours gave out."""
    key = request.form.get("once", "")
    return key if _KEY.fullmatch(key) else fresh_once()


def posted_version() -> int:
    """The version of the case that the form was filled in from; one that no case has if unread."""
    text = request.form.get("version", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else NO_VERSION
