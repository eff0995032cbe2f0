"""Questions that a command asks, and what it says if nobody answers them."""

from collections.abc import Iterator
from contextlib import contextmanager

import click


@contextmanager
def say_if_unanswered(left: str) -> Iterator[None]:
    """Say what was left undone where a person answers no, or ends the command at a question.

    Args:
        left: a sentence, such as “Nothing was erased.”
    """
    try:
        yield
    except click.Abort:
        click.echo(f"\n{left}", err=True)
        raise
