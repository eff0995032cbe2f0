"""The lines of a log: one of JSON each, with ids only; for every process of the service.

Of a fault: its kind and its place. Never a text of anybody's, so what libraries say is logged by
place and kind too: their words may repeat what a person typed.
"""

import datetime as dt
import json
import logging
import sys
import threading
import traceback
from pathlib import Path
from typing import TextIO

REQUESTS = "screening.requests"
PACKAGE = Path(__file__).parent


class Line(logging.Formatter):
    """A record as one line of JSON. Our own modules' words are kept; they hold no person's."""

    def format(self, record: logging.LogRecord) -> str:
        """Write the line."""
        told = getattr(record, "told", None)
        if told is None:
            own = Path(record.pathname).is_relative_to(PACKAGE)
            told = {"said": record.getMessage()} if own else {}
            told |= {"at": f"{record.module}:{record.lineno}", **_fault(record)}
        moment = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(
            timespec="milliseconds"
        )
        line = {"time": moment, "level": record.levelname.lower(), "from": record.name, **told}
        return json.dumps(line, ensure_ascii=True)

    def formatException(self, ei: object) -> str:  # noqa: ARG002, N802 - as inherited
        """Nothing: a traceback shows values."""
        return ""


def start(stream: TextIO | None = None, *, requests: bool) -> None:
    """Let everything that this process logs come out as such lines.

    Args:
        stream: where to; standard error if none is given.
        requests: whether each request gets a line.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it counts each waiting request
    logging.raiseExceptions = False  # else a failure to write prints what was to be written
    logging.getLogger(REQUESTS).setLevel(logging.INFO if requests else logging.WARNING)
    logging.captureWarnings(capture=True)
    threading.excepthook = lambda args: _died(args.exc_type)


def start_heads(*, shown: bool) -> None:
    """Let each signed head of the ledger come out as such a line, or errors alone."""
    logging.getLogger("screening.heads").setLevel(logging.INFO if shown else logging.ERROR)


def where(error: BaseException) -> str:
    """The place of a fault: the innermost one, and those of ours that led there."""
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    own = [frame for frame in frames[1:] if Path(frame.filename).is_relative_to(PACKAGE)]
    return " < ".join(
        f"{frame.name} ({Path(frame.filename).name}:{frame.lineno})"
        for frame in (*frames[:1], *own)
    )


def _fault(record: logging.LogRecord) -> dict[str, str]:
    kind, error = (record.exc_info or (None, None))[:2]
    if kind is None or error is None:
        return {}
    return {"kind": kind.__name__, "where": where(error)}


def _died(kind: type[BaseException]) -> None:
    logging.getLogger("screening.threads").error("a thread ended by %s", kind.__name__)
