"""The language of a request: that of its form or address, or one that the browser asks for.

The patient's pages are in every language that is offered; all others are in English.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from gettext import NullTranslations
from typing import cast

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

from screening.files.languages import Translation
from screening.translation import Language, language_tag, mark, reader_conventions, reading_in
from screening.web.shell.context import PageContext
from screening.web.shell.english_parts import mark_english

Choose = Callable[[], NullTranslations]
FIELD, SWITCHED = "language", "switch"
"""The language of a form, and the one that a button in a form of answers changes to."""
ENGLISH_TAG = "en"
OF_PATIENTS = frozenset({"patient", "sheet_file", "answer_file", "options"})
"""The blueprints of the patient's way, which are in every language."""
BASIS = "sources"
"""The blueprint of the pages that the patient's lead to, and that are in English only."""
ENGLISH_ONLY = {
    "page": mark("This page is in English only. It is about the published pages that we use."),
    "answers": mark(
        "If you have answered questions, your answers are still in the tab that you came from."
        " Close this tab to go back to it."
    ),
    "options": mark("The options side by side"),
    "start": mark("The questions, from the start"),
}
"""Words for a reader of another language on a page that is in English only."""
UNCHECKED = "This translation was made by a machine. It is not yet checked by a native speaker."
_PATIENTS_PATH = "/patient/"
_WITHHELD = "%s is not offered: emergency texts missing or not reviewed: %d, first %s: %s"
_STEPS = frozenset({"at", "action", "change", "changing"})
_UNREPEATED = frozenset({FIELD, SWITCHED, "csrf_token", "unkept", "browser_day", "fill", "visit"})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language that patients may choose: its messages and its rules in words."""

    language: Language
    context: PageContext
    checked: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A language as the switch shows it."""

    tag: str
    name: str
    direction: str
    current: bool


def init_app(app: Flask, translations: Iterable[Translation]) -> None:
    """Answer each request of an application in its language.

    The setting ``LANGUAGE`` is a function that gives a catalogue for any request, and runs within
    it; with it nobody chooses.
    """
    app.extensions["languages"] = {}
    app.jinja_env.globals.update(
        language_tag=language_tag,
        language_direction=language_direction,
        language_choices=language_choices,
        spoken_tag=spoken_tag,
        is_of_patients=is_of_patients,
        unchecked_words=unchecked_words,
        repeated_fields=repeated_fields,
        as_in_source=as_in_source,
        kept_tag=kept_tag,
        reader_elsewhere=reader_elsewhere,
        english_only=ENGLISH_ONLY,
    )
    choose: Choose | None = app.config.get("LANGUAGE")
    if choose is not None:
        app.before_request(lambda: _speak(choose()))
    else:
        app.extensions["languages"] = _offered(app, translations)
        app.before_request(_choose)
    app.teardown_request(_end)


def _offered(app: Flask, translations: Iterable[Translation]) -> dict[str, Spoken]:
    english: PageContext = app.extensions["page_context"]
    found: dict[str, Spoken] = {}
    for each in translations:
        tag, withheld = each.conventions.tag, each.withheld_for
        if withheld:
            log.warning(_WITHHELD, tag, len(withheld), withheld[0].place, withheld[0].message)
        else:
            context = english.in_words_of(each.ruleset(english.ruleset))
            found[tag] = Spoken(each.language, context, each.checked)
    return found


def is_of_patients() -> bool:
    """True for a patient's page, and for an address below `/patient/` that is no page."""
    return request.blueprint in OF_PATIENTS or request.path.startswith(_PATIENTS_PATH)


def spoken() -> Mapping[str, Spoken]:
    """The languages besides English that the application offers, by their tags."""
    return cast("Mapping[str, Spoken]", current_app.extensions["languages"])


def language_direction() -> str:
    """The direction in which the reader's language is written."""
    conventions = reader_conventions()
    return conventions.direction if conventions else "ltr"


def language_choices() -> list[Choice]:
    """The languages to choose from; none where there is only English."""
    if not spoken():
        return []
    now = language_tag()
    others = (each.language.conventions for each in spoken().values())
    return [
        Choice(ENGLISH_TAG, "English", "ltr", now == ENGLISH_TAG),
        *(Choice(each.tag, each.name, each.direction, now == each.tag) for each in others),
    ]


def spoken_tag() -> str | None:
    """The reader's language for an address; none where there is only English."""
    return language_tag() if spoken() else None


def kept_tag() -> str | None:
    """The language that links pass on, so that the way back keeps it; none for English."""
    elsewhere = reader_elsewhere()
    tag = elsewhere.conventions.tag if elsewhere else language_tag()
    return tag if tag in spoken() else None


def reader_elsewhere() -> Language | None:
    """The language of a reader of the patient's pages, on a page that is in English only."""
    found = spoken().get(request.args.get(FIELD, "")) if request.blueprint == BASIS else None
    return found.language if found else None


def unchecked_words() -> str:
    """The warning about a translation that no native speaker has read, in English; else empty."""
    found = spoken().get(language_tag())
    return UNCHECKED if found and not found.checked else ""


def repeated_fields(carried: Iterable[tuple[str, str]] | None = None) -> list[tuple[str, str]]:
    """The fields that give the page again, in another language.

    Args:
        carried: what the page carries on; without it, all fields that the page was asked with.
    """
    fields = list(request.form.items(multi=True)) if request.method == "POST" else []
    if carried is None:
        return [(name, value) for name, value in fields if name not in _UNREPEATED]
    return [*carried, *((name, value) for name, value in fields if name in _STEPS)]


def as_in_source(text: str) -> Markup:
    """Words of a source, which stay in its language on a page in another one."""
    if language_tag() == ENGLISH_TAG:
        return escape(text)
    return Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(text)


def finish(response: Response) -> Response:
    """Say in which language a page is, and mark what is in English on one that is in another."""
    if not is_of_patients():
        return response
    response.headers["Content-Language"] = language_tag()
    if spoken() and request.method != "POST":
        response.vary.add("Accept-Language")
    if language_tag() != ENGLISH_TAG and response.mimetype == "text/html":
        response.set_data(mark_english(response.get_data(as_text=True)))
    return response


def _choose() -> None:
    found = spoken()
    if not found or not is_of_patients():
        return
    tag = _asked_for([ENGLISH_TAG, *found])
    if tag in found:
        g.page_context = found[tag].context
        _speak(found[tag].language)


def _asked_for(tags: list[str]) -> str:
    """The language that was chosen on a page, else the one that the browser likes best."""
    asked = request.args.get(FIELD, "")
    if request.method == "POST":
        try:
            asked = request.form.get(SWITCHED) or request.form.get(FIELD, "")
        except HTTPException:  # too large, or cut off: the page that says so has a language too
            asked = ""
    best = request.accept_languages.best_match(tags, default=ENGLISH_TAG)
    return asked if asked in tags else str(best)


def _speak(language: NullTranslations) -> None:
    g.language = ExitStack()
    g.language.enter_context(reading_in(language))


def _end(_: BaseException | None) -> None:
    if "language" in g:
        g.pop("language").close()
