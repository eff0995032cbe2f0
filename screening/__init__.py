"""Screens a questionnaire's answers against rule files and shows the reason for every result."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

__version__ = "0.1.0"


def create_app() -> "Flask":
    """Build the web application.

    The web is imported here and not above: the command line, which imports this package, then
    starts without loading Flask.
    """
    from screening.web import create_app as build_app  # noqa: PLC0415 - the reason stands above

    return build_app()
