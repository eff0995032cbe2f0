"""What waits for somebody to look at it, on every page behind the sign-in until that is done."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, url_for

from screening.records.emergencywatch import count_unseen
from screening.web.desk import records
from screening.web.gate import actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One line above a page, and where it leads."""

    title: str
    words: str
    link: str
    address: str
    grave: bool = False


def init_app(app: Flask) -> None:
    """Let the pages behind the sign-in show what waits."""
    app.jinja_env.globals["waiting_notices"] = lambda: list(_waiting())


def _waiting() -> Iterator[Notice]:
    if count := count_unseen(records(), actor()):
        yield Notice(
            title="Emergency access:",
            words=f"people of other sites opened {_times(count)} of your site.",
            link="Look at it" if count == 1 else "Look at them",
            address=url_for("breakglass.notices"),
            grave=True,
        )


def _times(count: int) -> str:
    return "a case" if count == 1 else f"cases {count} times"
