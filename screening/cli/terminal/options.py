"""Options that several commands share."""

import datetime as dt
from pathlib import Path

import click

from screening.formats.answers.day_text import AmbiguousDayError, read_day_text


class Day(click.ParamType[dt.date]):
    """A day as a person types it: 2026-10-01, 3 March 2026, 27/3/2026."""

    name = "day"

    def convert(
        self, value: str | dt.date, param: click.Parameter | None, ctx: click.Context | None
    ) -> dt.date:
        """Read a typed day, or say what would be one."""
        if isinstance(value, dt.date):
            return value
        try:
            typed = read_day_text(value)
        except AmbiguousDayError as error:
            self.fail(str(error), param, ctx)
        if typed is None or typed.date is None:
            self.fail(f"“{value}” is not a day; write 2026-10-01 or 3 March 2026", param, ctx)
        return typed.date


ruleset_option = click.option(
    "--ruleset",
    "name",
    default="documented",
    show_default=True,
    metavar="NAME",
    help="The ruleset to judge by.",
)
rules_option = click.option(
    "--rules",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A folder of rule files to use in place of the shipped ones.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")
