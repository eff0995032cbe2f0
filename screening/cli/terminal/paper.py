"""Output: wrapped for the terminal, coloured on one only, and inert."""

import json
import shutil
import textwrap
from dataclasses import dataclass
from typing import Any

import click

from screening.cli.terminal.escapes import inert

WIDEST = 80
NARROWEST = 40


def print_json(data: dict[str, Any]) -> None:
    """Print data as JSON in UTF-8, whatever the terminal's own encoding is."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2).encode())


@dataclass(frozen=True, slots=True)
class Paper:
    """A terminal, or the file that replaces one."""

    @property
    def width(self) -> int:
        """The characters in a line; lines of more than 80 are hard to read on any screen."""
        return max(NARROWEST, min(WIDEST, shutil.get_terminal_size().columns))

    def gap(self) -> None:
        """An empty line."""
        click.echo()

    def title(self, text: str) -> None:
        """The name of a document."""
        self.text(text, bold=True)
        self.text("=" * min(len(text), self.width))

    def heading(self, text: str) -> None:
        """The name of a part of it."""
        self.gap()
        self.text(text, bold=True, fg="cyan")

    def text(self, text: str, indent: int = 0, mark: str = "", **style: Any) -> None:  # noqa: ANN401 - click's styles
        """A paragraph; ``mark`` is before its first line, in the indentation."""
        wrapped = textwrap.fill(
            inert(text),
            width=self.width,
            initial_indent=" " * indent + mark,
            subsequent_indent=" " * (indent + len(mark)),
            break_on_hyphens=False,
        )
        click.secho(wrapped, **style)
