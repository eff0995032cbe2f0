"""The language of a request."""

from collections.abc import Callable
from contextlib import ExitStack
from gettext import NullTranslations

from flask import Flask, g

from screening.translation import language_tag, reading_in

Choose = Callable[[], NullTranslations]


def init_app(app: Flask) -> None:
    """Answer each request in the language that the setting ``LANGUAGE`` gives for it.

    It is a function that gives a catalogue, and runs within the request. Without it an application
    speaks English.
    """
    app.jinja_env.globals["language_tag"] = language_tag
    choose: Choose | None = app.config.get("LANGUAGE")
    if choose is not None:
        app.before_request(lambda: _speak(choose()))
        app.teardown_request(_end)


def _speak(language: NullTranslations) -> None:
    g.language = ExitStack()
    g.language.enter_context(reading_in(language))


def _end(_: BaseException | None) -> None:
    if "language" in g:
        g.pop("language").close()
