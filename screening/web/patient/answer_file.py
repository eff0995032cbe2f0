"""A person's answers as a file of their own, to go on later; nothing of it is kept here."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from screening.core.rules.item import Item, ItemType
from screening.core.rules.ruleset import GRAVE, Tier
from screening.formats.documents.saved_answers import (
    LARGEST,
    FileFault,
    FileFaultError,
    SavedAnswers,
    read_saved,
    write_saved,
)
from screening.translation import Phrases, gettext, mark
from screening.web.forms.fields import DAY_WORDS, PREFIX, AnswerField
from screening.web.patient.even_length import SAVED_BLOCK, pad
from screening.web.patient.patient import check_page, start_page
from screening.web.patient.sheet import choose_kept_off
from screening.web.patient.visit import HIDDEN_STATE, Visit
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page, file_response

blueprint = Blueprint("answer_file", __name__, url_prefix="/patient/answers")
NAME = mark("my-answers.json")
MAX_UPLOAD = 400_000
"""Room to read a wrong file too, such as the PDF of a sheet, and to say what is wrong with it."""
_YES = "yes"
_LONGEST_NAME, _MOST_NAMES = 40, 5
_OLD = dt.timedelta(days=28)
"""From such a file also the signs that are for this week are asked again."""
_FAULTS = Phrases(
    {
        FileFault.EMPTY: "Choose the file that you saved with “Save my answers”",
        FileFault.TOO_LARGE: "This file is too large to be one of ours. Choose “my-answers.json”",
        FileFault.NOT_OURS: (
            "This is not a file of answers from this page. Choose the file that you saved with"
            " “Save my answers”"
        ),
        FileFault.DAMAGED: (
            "This file was changed or damaged, so nothing of it was read. Choose another copy, or"
            " start again"
        ),
        FileFault.NEWER: (
            "A newer version of this service made this file, and this one cannot read it. Start"
            " again, or ask the people who run this service"
        ),
    }
)


@blueprint.url_value_preprocessor
def allow_more(endpoint: str | None, values: object) -> None:  # noqa: ARG001
    """Let a file be read that is larger than a form; this comes before anything reads it."""
    request.max_content_length = MAX_UPLOAD


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """The answers of a file that do not fit, and those that are asked again.

    ``saved_on`` is the day of the file, if it is another one than today.
    """

    saved_on: dt.date | None
    is_later: bool
    is_old: bool
    unfit: tuple[tuple[Item, str], ...]
    dropped: tuple[Item, ...]
    asked_again: tuple[Item, ...]
    changeable: tuple[Item, ...]
    private: tuple[Item, ...]
    in_words: tuple[tuple[Item, str], ...]
    unknown: tuple[str, ...]


@blueprint.post("/save")
def save() -> Page:
    """The answers as a file, without those that are kept off the paper."""
    visit = Visit.of_request()
    private = {name for link_id in choose_kept_off() for name in visit.form.field(link_id).names}
    kept = [(name, value) for name, value in visit.carried() if name not in private]
    saved = write_saved(kept, page_context().today())
    return file_response(pad(saved, SAVED_BLOCK), NAME, own_name=gettext(NAME))


@blueprint.post("/load")
def load() -> Page:
    """The page to check, with the answers of a file; it says what does not fit any more."""
    upload = request.files.get("file")
    try:
        saved = read_saved(upload.stream.read(LARGEST + 1) if upload else b"", _known_names())
    except FileFaultError as error:
        page = start_page(mistakes=[("file", _FAULTS[error.fault])])
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    fields = MultiDict(saved.fields)
    again = {tier: _asked_again(saved, tier) for tier in GRAVE}
    in_words = _days_in_words(saved)
    names = _names()
    for link_id in (*again[Tier.EMERGENCY], *again[Tier.URGENT], *in_words):
        for name in names[link_id]:
            fields.poplist(name)
    visit = Visit.of_fields(fields)
    return check_page(visit, loaded=_loaded(visit, fields, saved, again, in_words))


def _known_names() -> frozenset[str]:
    """The fields that a file may hold: answers, and what else each page carries."""
    names = (name for each in _names().values() for name in each)
    return frozenset(names) | {*HIDDEN_STATE}


def _names() -> dict[str, tuple[str, ...]]:
    """The names of the fields of each question."""
    form = Visit.of_fields(MultiDict()).form
    return {field.item.link_id: field.names for field in form.fields}


def _is_old(saved: SavedAnswers) -> bool:
    """True if the file is from so long ago, or from so far ahead, that signs may have changed."""
    return abs(page_context().today() - saved.saved_on) > _OLD


def _days_in_words(saved: SavedAnswers) -> dict[str, str]:
    """The days that were left in words on another day: the same words mean other days now."""
    if saved.saved_on == page_context().today():
        return {}
    posted = dict(saved.fields)
    words = {link_id: f"{PREFIX}{link_id}-{DAY_WORDS}" for link_id in _names()}
    return {link: _quoted(posted[name]) for link, name in words.items() if posted.get(name)}


def _asked_again(saved: SavedAnswers, tier: Tier) -> list[str]:
    """The signs that were not there on an earlier day, and may be there now."""
    if saved.saved_on == page_context().today() or (tier is Tier.URGENT and not _is_old(saved)):
        return []
    posted = dict(saved.fields)
    ruleset = page_context().ruleset
    signs = ruleset.items_of(tier)
    if tier is Tier.URGENT:
        signs -= ruleset.items_of(Tier.EMERGENCY)
        signs = frozenset(each for each in signs if ruleset.items[each].type is ItemType.YES_NO)
    return [
        link_id
        for link_id, names in _names().items()
        if link_id in signs and any(posted.get(name, _YES) != _YES for name in names)
    ]


def _loaded(
    visit: Visit,
    fields: MultiDict[str, str],
    saved: SavedAnswers,
    again: Mapping[Tier, list[str]],
    in_words: Mapping[str, str],
) -> FileReport:
    items, today = page_context().ruleset.items, page_context().today()
    asked = [items[link_id] for link_id in again[Tier.URGENT]]
    return FileReport(
        saved_on=saved.saved_on if saved.saved_on != today else None,
        is_later=saved.saved_on > today,
        is_old=_is_old(saved),
        unfit=tuple(_unfit(visit)),
        dropped=tuple(
            field.item
            for field in visit.form.fields
            if any(name in fields for name in field.names) and not any(field.posted.values())
        ),
        asked_again=tuple(items[link_id] for link_id in again[Tier.EMERGENCY]),
        changeable=tuple(asked),
        private=tuple(item for item in _private_gaps(visit) if item not in asked),
        in_words=tuple((items[link_id], words) for link_id, words in in_words.items()),
        unknown=tuple(map(_quoted, saved.unknown[:_MOST_NAMES])),
    )


def _private_gaps(visit: Visit) -> Iterator[Item]:
    """The private questions that are put, and that the file has no answer to."""
    for item in visit.journey.path:
        if item.sensitive and not any(visit.field(item.link_id).posted.values()):
            yield item


def _unfit(visit: Visit) -> Iterator[tuple[Item, str]]:
    """The questions whose answers cannot be read any more, with what the file says."""
    for field in visit.form.fields:
        written = _written(field)
        if written and field.item.link_id not in visit.form.answers:
            yield field.item, written


def _written(field: AnswerField) -> str:
    return " ".join(_quoted(value) for values in field.posted.values() for value in values)


def _quoted(text: str) -> str:
    """A text of the file, cut short, without letters that show nothing."""
    shown = "".join(each for each in text if each.isprintable())
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"
