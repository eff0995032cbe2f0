"""``screening versions``: which rules are activated here, for the people who run the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from screening.cli.terminal.errors import WrongUsageError
from screening.cli.terminal.escapes import inert
from screening.cli.terminal.options import rules_option, ruleset_option
from screening.cli.terminal.records import open_records
from screening.files.rule_files import load_ruleset
from screening.files.rule_texts import load_texts

if TYPE_CHECKING:  # no other command pays for loading the database
    from collections.abc import Sequence

    from screening.records.rules.activation import Step, Version


NONE = (
    "no rules were used or proposed here yet; `screening versions propose` proposes the rules that"
    " the server uses"
)


@click.group()
def versions() -> None:
    """List the rules that were used here, and activate rules, which takes two people.

    A person on the server counts as one of them; the other is a lead nurse or an auditor, on
    the page Rules.

    \b
    screening versions list
    screening versions propose
    screening versions approve 0123456789ab
    """  # noqa: D301 - click reads \b as "do not wrap"


@versions.command("list")
def list_versions() -> None:
    """Print all rules that were used or proposed here, the newest first."""
    from screening.records.people.administration import command_line_auditor  # noqa: PLC0415 - the same
    from screening.records.rules.activation import versions as kept  # noqa: PLC0415 - see above

    with open_records() as records:
        found = kept(records, command_line_auditor(records))
    for each in found:
        click.echo(inert(_line(each)))
    if not found:
        click.echo(f"{NONE[0].upper()}{NONE[1:]}.")


@versions.command()
@ruleset_option
@rules_option
def propose(name: str, folder: Path | None) -> None:
    """Propose rules for use here; somebody else has to approve them."""
    from screening.records.people.administration import command_line_auditor  # noqa: PLC0415 - the same
    from screening.records.rules.activation import propose as put_forward  # noqa: PLC0415 - see above

    ruleset = load_ruleset(name, folder)
    texts = {key: text.data.decode("utf-8") for key, text in load_texts(folder).items()}
    with open_records() as records:
        put_forward(records, command_line_auditor(records), ruleset, texts)
    click.echo(f"Proposed: {ruleset.id} {ruleset.version} ({ruleset.digest[:12]}).")


@versions.command()
@click.argument("digest")
def approve(digest: str) -> None:
    """Approve rules that somebody else proposed, named by the beginning of their DIGEST."""
    from screening.records.people.administration import command_line_auditor  # noqa: PLC0415 - the same
    from screening.records.rules.activation import approve as confirm  # noqa: PLC0415 - see above
    from screening.records.rules.activation import versions as kept  # noqa: PLC0415 - the same

    with open_records() as records:
        auditor = command_line_auditor(records)
        found = _find_version(kept(records, auditor), digest)
        confirm(records, auditor, found.digest)
        click.echo(f"Activated: {found.ruleset_id} {found.version}.")


def _find_version(known: Sequence[Version], digest: str) -> Version:
    """The one version that a digest begins.

    Raises:
        WrongUsageError: if there is none, or there are several.
    """
    found = [each for each in known if each.digest.startswith(digest)]
    if not known:
        raise WrongUsageError(NONE)
    if not found:
        raise WrongUsageError(
            f"the digest of no rules here begins with “{digest}”; `screening versions list` shows"
            " all digests"
        )
    if len(found) > 1:
        raise WrongUsageError(
            f"the digests of {len(found)} versions begin with “{digest}”; type more of the digest"
        )
    return found[0]


def _line(found: Version) -> str:
    name = f"{found.digest[:12]}  {found.ruleset_id} {found.version}"
    return f"{name}  {_step('proposed', found.proposed)}, {_step('activated', found.approved)}"


def _step(done: str, step: Step | None) -> str:
    if not step:
        return f"not {done}"
    if step.at is None:
        return f"{done} by {step.by} at a time that cannot be read"
    return f"{done} by {step.by} on {step.at.date().isoformat()}"
