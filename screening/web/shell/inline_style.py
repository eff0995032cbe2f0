"""The patient's style sheet within the first page, which then waits for no second answer.

On a slow network an answer begins after two seconds, whatever its size, and nothing is drawn before
the style is there. Later pages link to the same file, which the first page has had fetched. The
policy allows the style by its digest.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

from flask import Flask
from markupsafe import Markup

FILE = Path(__file__).parents[1] / "static" / "patient.css"


class StyleError(Exception):
    """The style sheet would end its element."""


def init_app(app: Flask) -> None:
    """Give the templates of an application the style."""
    app.jinja_env.globals["inline_style"] = inline_style


@cache
def inline_style() -> Markup:
    """The style sheet, for the inside of a ``style`` element.

    Raises:
        StyleError: if it holds a ``<``, which might end the element.
    """
    text = FILE.read_text("utf-8")
    if "<" in text:
        raise StyleError
    return Markup(text)  # noqa: S704 - a file of ours, the same for everybody


@cache
def style_source() -> str:
    """The source that allows the style in a Content-Security-Policy."""
    digest = hashlib.sha256(inline_style().encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
