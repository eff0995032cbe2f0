"""Screens a questionnaire's answers against rule files and shows the reason for every result."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from screening.core.rules.ruleset import Ruleset
    from screening.records.ledger.records import Records

__version__ = "0.1.0"


def create_app(
    ruleset: "Ruleset | None" = None, records: "Records | None" = None, **config: object
) -> "Flask":
    """Build the web application; ``screening.web.create_app`` says what the arguments mean.

    The web is imported here and not above: the command line, which imports this package, then
    starts without loading Flask.
    """
    from screening.web import create_app as build_app  # noqa: PLC0415 - the reason stands above

    return build_app(ruleset, records, **config)
