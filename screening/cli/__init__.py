"""The command ``screening``. Each command has a module of its own."""

import click

from screening import __version__
from screening.cli.operation import data, emergencies, erase, keys, ledger, users
from screening.cli.questionnaire import assess
from screening.cli.results import evidence, replay
from screening.cli.rules import check, diff, examples, prove, ruleset, sources, versions
from screening.cli.service import demo, serve, witness
from screening.cli.terminal.errors import Boundary

__all__ = ["main"]


@click.group(
    cls=Boundary,
    commands=[
        assess.assess,
        serve.serve,
        demo.demo,
        users.users,
        users.sites_group,
        data.upgrade,
        data.backup,
        data.restore,
        data.rehearse,
        keys.keys,
        ledger.ledger,
        witness.witness,
        replay.replay,
        replay.impact,
        versions.versions,
        evidence.evidence,
        evidence.verify,
        erase.erase,
        erase.retention,
        emergencies.emergencies,
        check.check,
        prove.prove,
        examples.examples,
        diff.diff,
        ruleset.rules,
        sources.sources,
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, prog_name="screening", message="%(prog)s %(version)s")
def main() -> None:
    """Screen answers against published criteria, each with its quoted source.

    Nothing here is medical advice, and no result replaces a clinician's.

    \b
    screening assess answers.json        assess an answers document
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
      0  done
      1  a check found faults, or nothing was done
      2  the command was called in a way that cannot work
      3  a backup was written, and the records in it have faults
      69 the database, the keys or the records cannot be used now
      70 the program itself failed
      74 the output could not be written
    """  # noqa: D301 - click reads \b as "do not wrap"
