"""Sends a page only once the ledger has the event of its view; meanwhile the page is made."""

from contextlib import ExitStack

from flask import Flask, Response, g

from screening.records.storage.group_commit import waiting_at_the_end


def init_app(app: Flask) -> None:
    """Let events of looks be written beside each request of an application."""
    app.before_request(_begin)
    app.after_request(_wait)
    app.teardown_request(_end)


def _begin() -> None:
    g.looks = ExitStack()
    g.looks.enter_context(waiting_at_the_end())


def _wait(response: Response) -> Response:
    """Wait until every look is kept; if one cannot be, another page is sent than was made."""
    if "looks" in g:
        g.pop("looks").close()
    return response


def _end(error: BaseException | None) -> None:
    """Put off no later look of this thread, even if no answer was made."""
    if error is not None and "looks" in g:
        g.pop("looks").__exit__(type(error), error, error.__traceback__)
