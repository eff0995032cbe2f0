"""``screening settings``: the settings of the environment, and which of them are set here."""

import os
from collections.abc import Iterator

import click

from screening.cli.terminal.paper import Paper
from screening.settings import GROUPS, Entry


@click.command()
@click.option("--markdown", is_flag=True, help="Print the tables of docs/settings.md instead.")
def settings(*, markdown: bool) -> None:
    """List every setting, and what is set here. No secret is printed.

    The first setting that cannot be used is named at the end.

    \b
    screening settings
    """  # noqa: D301 - click reads \b as "do not wrap"
    if markdown:
        click.echo("\n".join(markdown_lines()))
        return
    paper = Paper()
    paper.text("Settings are read from the environment when a command starts.")
    for group in GROUPS:
        paper.heading(group.title)
        for each in group.settings:
            paper.gap()
            paper.text(each.name, bold=True)
            paper.text(f"{each.meaning[0].upper()}{each.meaning[1:]}.", indent=2)
            paper.text(_here(each), indent=2)
    _refuse_unusable()


def _refuse_unusable() -> None:
    """End with a sentence, as the server would, if a setting has no possible value.

    Raises:
        SettingsError: for the first one.
    """
    from screening.records.installation.settings import (  # noqa: PLC0415 - slow to load
        Settings,
        read_emergency_number,
        read_number,
    )

    Settings.read()
    read_emergency_number(os.environ)
    for name in ("SCREENING_SESSION_IDLE_MINUTES", "SCREENING_SESSION_MINUTES"):
        read_number(os.environ, name, "minutes")


def _here(setting: Entry) -> str:
    """The value here, or the default."""
    value = os.environ.get(setting.name)
    if not value:
        return f"Not set. Default: {setting.default}."
    if setting.secret or "@" in value:  # an address can have a name and a password before an @
        return "Set here; its value is not shown, as it is secret or may hold a secret."
    return f"Set here: {value}"


def markdown_lines() -> Iterator[str]:
    """A page of tables with all settings."""
    yield "# Settings"
    yield ""
    yield "`screening settings` prints these, and which of them are set. They are read from the"
    yield "environment when a command starts. A secret is never printed, logged or shown on a page."
    yield "Numbers are whole, from 1 to 100,000. A command warns about a name that is set,"
    yield "begins with SCREENING_ and is not listed here."
    for group in GROUPS:
        yield f"\n## {group.title}\n"
        yield "| setting | what it is | default | secret |"
        yield "|---|---|---|---|"
        for each in group.settings:
            secret = "yes" if each.secret else ""
            yield f"| `{each.name}` | {each.meaning} | {each.default} | {secret} |"
