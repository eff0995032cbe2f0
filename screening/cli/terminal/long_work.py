"""Long work on a terminal: how much of it is done, and what is left when Ctrl-C stops it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from screening.cli.terminal.errors import STOPPED

EVERY = 0.5
"""Seconds between two lines; work that takes less shows none."""


class Progress:
    """A line on a terminal that says how much is done. Where nobody watches there is none."""

    def __init__(self, words: str) -> None:
        """Take the words before the numbers."""
        self._words = words
        self._watched = sys.stderr.isatty()
        self._due = time.monotonic() + EVERY
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Show the numbers, unless others were shown a moment ago."""
        if self._watched and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            share = f" ({min(done / total, 1):.0%})" if total else ""
            line = f"{self._words}: {done:,} of {total:,}{share}"
            click.echo(f"\r{line:<{self._width}}", nl=False, err=True)
            self._width = len(line)

    def clear(self) -> None:
        """Take the line away, for what is printed next."""
        if self._width:
            click.echo(f"\r{'':<{self._width}}\r", nl=False, err=True)
            self._width = 0


@contextmanager
def long_work(words: str, left: Callable[[], str]) -> Iterator[Progress]:
    """Show how much is done of the work within, and let Ctrl-C end it with a sentence.

    Args:
        words: what is being done, such as "Verifying".
        left: says what was kept when the work is stopped, and how to go on.

    Raises:
        Exit: with status 130, if the work was stopped.
    """
    progress = Progress(words)
    try:
        yield progress
    except KeyboardInterrupt:
        progress.clear()
        click.echo(f"Stopped. {left()}", err=True)
        raise click.exceptions.Exit(STOPPED) from None
    finally:
        progress.clear()
