"""The command ``screening``. Each command has a module of its own, loaded when it is called."""

import os

import click

from screening import __version__
from screening.cli.terminal.errors import Boundary
from screening.cli.terminal.escapes import inert
from screening.settings import misspelt

__all__ = ["main"]

COMMANDS = {
    "assess": "questionnaire.assess",
    "batch": "questionnaire.batch",
    "serve": "service.serve",
    "demo": "service.demo",
    "users": "operation.users",
    "sites": "operation.users",
    "upgrade": "operation.data",
    "backup": "operation.data",
    "restore": "operation.data",
    "rehearse": "operation.data",
    "keys": "operation.keys",
    "settings": "operation.settings",
    "ledger": "operation.ledger",
    "witness": "service.witness",
    "replay": "results.replay",
    "impact": "results.replay",
    "versions": "rules.versions",
    "evidence": "results.evidence",
    "verify": "results.evidence",
    "erase": "operation.erase",
    "retention": "operation.erase",
    "emergencies": "operation.emergencies",
    "check": "rules.check",
    "prove": "rules.prove",
    "examples": "rules.examples",
    "diff": "rules.diff",
    "rules": "rules.ruleset",
    "sources": "rules.sources",
}
"""By name, the module of ``screening.cli`` with a command of that name; loaded when it is asked."""


@click.group(
    cls=Boundary,
    modules=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name="screening", message="%(prog)s %(version)s")
def main() -> None:
    """Screen answers against published criteria, each with its quoted source.

    Nothing here is medical advice, and no result replaces a clinician's.

    \b
    screening assess answers.json        assess an answers document
    screening batch in.csv out.csv       assess every row of a table
    screening serve                      the questionnaire in a web browser
    screening demo                       the same with made-up people and cases
    screening check                      check the rules and run their examples
    screening prove                      show what is proved of the rules
    screening examples run               run written and generated examples
    screening diff OLD NEW               what changes between two versions
    screening rules documented           read the criteria with their sources
    screening sources verify DOCUMENTS   look for each quoted phrase

    \b
    Exit status:
      0  done, or nothing had to be done
      1  a check found faults, or what you asked was not done
      2  the command was called in a way that cannot work
      3  a backup was written, and the records in it have faults
      69 the database, the keys or the records cannot be used now
      70 the program itself failed
      74 the output could not be written
      130 the command was stopped with Ctrl-C
    """  # noqa: D301 - click reads \b as "do not wrap"
    for name, nearest in misspelt(os.environ):
        meant = f" Did you mean {nearest}?" if nearest else ""
        see = "`screening settings` lists all settings."
        click.echo(inert(f"Warning: {name} is not a setting.{meant} {see}"), err=True)
