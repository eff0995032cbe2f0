"""The end of the command line: every error becomes a sentence and an exit status, here alone."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, NoReturn

import click

from screening.cli.terminal.escapes import inert
from screening.cli.terminal.faults import report_fault
from screening.errors import (
    DocumentError,
    Problem,
    ScreeningError,
    UnwrittenError,
    WrongCallError,
)

PROBLEMS = 1
WRONG_USAGE = 2
KEPT_WITH_FAULTS = 3  # a file was written, and what it holds has faults
UNUSABLE = 69  # EX_UNAVAILABLE of BSD's sysexits: database, keys or records cannot be used now
BROKEN = 70  # EX_SOFTWARE of BSD's sysexits: the fault is the program's, not the document's
STOPPED = 130  # by Ctrl-C, as shells have it
UNWRITTEN = 74  # EX_IOERR of BSD's sysexits: a device is full or failed while it was written to
_DEVICE_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


class WrongUsageError(click.ClickException):
    """The command was called in a way that cannot work; the sentence says what would."""

    exit_code = WRONG_USAGE

    def format_message(self) -> str:
        """The sentence, with nothing in it that a terminal would obey."""
        return inert(self.message)


class Boundary(click.Group):
    """The group of all commands, in sections, and the one place that catches everything."""

    sections: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "For screening": ("assess", "batch", "serve", "demo"),
        "For those who look after the records": (
            "users",
            "sites",
            "upgrade",
            "backup",
            "restore",
            "rehearse",
            "keys",
            "settings",
            "erase",
            "retention",
        ),
        "For auditors of the records": (
            "ledger",
            "witness",
            "emergencies",
            "replay",
            "impact",
            "versions",
            "evidence",
            "verify",
        ),
        "For authors and auditors of rules": (
            "check",
            "prove",
            "examples",
            "diff",
            "rules",
            "sources",
        ),
    }

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - click's own signature
        modules: Mapping[str, str],
        **kwargs: Any,  # noqa: ANN401 - the same
    ) -> None:
        """Take, by name of the command, the module of ``screening.cli`` that defines it."""
        super().__init__(*args, **kwargs)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all commands."""
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - the same
        """A command; its module, with all that it needs, is loaded now."""
        if cmd_name not in self._modules:
            return None
        module = import_module(f"screening.cli.{self._modules[cmd_name]}")
        found = getattr(module, cmd_name)
        return found if isinstance(found, click.Command) else None

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - click's own signature
        """Run, on streams that cannot fail on a letter that they lack."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        try:
            return super().main(*args, **kwargs)
        except OSError as error:
            if not _is_of_device(error):
                raise
            _leave_unwritten(error)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command; a failure becomes a calm sentence and never a traceback."""
        if os.environ.get("NO_COLOR"):
            ctx.color = False
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
            ctx.exit(STOPPED)
        except DocumentError as error:
            print_problems(error.problems, err=True)
            ctx.exit(PROBLEMS)
        except WrongCallError as error:
            raise WrongUsageError(str(error)) from None
        except UnwrittenError as error:
            click.echo(f"Error: {inert(str(error))}", err=True)
            ctx.exit(UNWRITTEN)
        except ScreeningError as error:  # of records, whose modules are not loaded for this
            click.echo(f"Error: {inert(str(error))}", err=True)
            ctx.exit(UNUSABLE)
        except Exception as error:  # the one boundary of the command line
            if isinstance(error, OSError) and (error.errno == errno.EPIPE or _is_of_device(error)):
                raise  # the reader of a pipe has gone, as `head` does, and click ends quietly
            report_fault(error)
            ctx.exit(BROKEN)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under the heading of those whom they serve."""
        for title, names in self.sections.items():
            with formatter.section(title):
                commands = [(name, self.get_command(ctx, name)) for name in names]
                formatter.write_dl([(n, c.get_short_help_str(60)) for n, c in commands if c])


def print_problems(problems: tuple[Problem, ...] | list[Problem], *, err: bool) -> None:
    """Print problems as they stand in their documents, then their number."""
    for problem in problems:
        for number, line in enumerate(str(problem).split("\n")):
            click.secho(inert(line), err=err, bold=number == 0)
    documents = len({problem.place.source for problem in problems})
    found = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    click.echo(f"{found} in {documents} {'file' if documents == 1 else 'files'}", err=err)


def _is_of_device(error: OSError) -> bool:
    """True if bytes could not be written to what was open already; to open it names the file."""
    return error.errno in _DEVICE_ERRORS and error.filename is None


def _leave_unwritten(error: OSError) -> NoReturn:
    """Say that what was printed or written is not whole; end, whatever the streams still hold.

    Python itself would try once more at its end to write what is left, and fail.
    """
    with contextlib.suppress(OSError):
        click.echo(f"Error: the output cannot be written: {error.strerror}.", err=True)
        click.echo("What was written is not complete. Nothing else went wrong.", err=True)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.close()
    sys.exit(UNWRITTEN)
