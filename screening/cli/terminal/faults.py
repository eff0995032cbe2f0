"""The report of a fault of the program itself.

It is given when anything may be wrong, and needs no module that is not loaded already.
"""

import os
import zlib
from collections.abc import Iterator
from types import FrameType

import click


def report_fault(error: Exception) -> None:
    """Name the place of a fault, and nothing of what was being worked on."""
    steps = list(_steps(error))
    own = [_place(*step) for step in steps if _is_own(step[0])]
    last = own[-1] if own else _place(*steps[-1])
    kind = type(error).__name__
    fault = f"{zlib.crc32(' '.join([kind, *own]).encode()):08x}"
    click.echo("The program itself failed, and not because of your document.", err=True)
    click.echo(f"Please report it with this id: {fault} ({kind} at {last}).", err=True)


def _steps(error: Exception) -> Iterator[tuple[FrameType, int]]:
    """The calls on the way to an error with their lines, the innermost last."""
    step = error.__traceback__
    while step:
        yield step.tb_frame, step.tb_lineno
        step = step.tb_next


def _is_own(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == "screening"


def _place(frame: FrameType, line: int) -> str:
    return f"{frame.f_code.co_filename.rpartition(os.sep)[2]}:{line}"
