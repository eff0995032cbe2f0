"""Options that several commands share."""

from pathlib import Path

import click

ruleset_option = click.option(
    "--ruleset",
    "name",
    default="documented",
    show_default=True,
    metavar="NAME",
    help="The ruleset to assess by.",
)
rules_option = click.option(
    "--rules",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A folder of rule files to use in place of the shipped ones.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")
