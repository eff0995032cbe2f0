"""Screening a case: every question on one page, filled from what is stored and saved as it goes."""

from http import HTTPStatus

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from screening.core.results.assess import assess
from screening.records.access import Permission
from screening.records.case.case_view import CaseView
from screening.records.case.history import Change, EntryMethod
from screening.records.casework.answers import ConflictError, SaveResult
from screening.records.errors import ClosedError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, allowed
from screening.web.case import draft as saving
from screening.web.case.answer_form import (
    flag_data,
    hidden_items,
    render_answer_form,
    render_answer_list,
)
from screening.web.case.asked_again import words_to_ask_again
from screening.web.case.conflicts import save_or_ask, words_of_unsaved, words_of_written
from screening.web.case.draft import Draft
from screening.web.case.frame import (
    STATE_WORDS,
    is_writable,
    open_to_write,
    show_case,
    wait_facts,
)
from screening.web.case.known_answers import current_answers, plain_answers
from screening.web.case.links import answer_links
from screening.web.case.red_flags import waiting_words
from screening.web.case.wording import given_words, merged_words
from screening.web.forms.prefill import fields_of, prefill_form
from screening.web.questionnaire.contradictions import contradiction_views
from screening.web.questionnaire.nurse import Intake
from screening.web.questionnaire.result_view import red_flags
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_moment
from screening.web.shell.responses import Page, see_other
from screening.words.nurse.result import words_of_cautions

blueprint = Blueprint("answers", __name__, url_prefix="/case/<case_id>")

JsonObject = dict[str, object]


@blueprint.get("/")
@allowed(Permission.VIEW)
def page(case_id: str) -> Page:
    """Show the answer form; to a person who cannot change it, a list of its answers."""
    view = show_case(case_id)
    given = current_answers(view)
    if not is_writable(view.case):
        return render_answer_list(view.case, given)
    intake = Intake.read(
        prefill_form(page_context().ruleset, plain_answers(given), page_context().today())
    )
    since = request.args.get("since", type=int)
    merged = [] if since is None else _changes_by_others(view, since)
    return render_answer_form(view.case, intake, given, saved=since is not None, merged=merged)


@blueprint.post("/")
@allowed(Permission.SCREEN)
def save(case_id: str) -> Page:
    """Save the whole answer form, and show it again where something on it cannot be read."""
    draft = Draft.read(request.form)
    done = save_or_ask(open_to_write(case_id), draft, url_for("answers.save", case_id=case_id))
    if not isinstance(done, SaveResult):
        return done
    return see_other(url_for("answers.page", case_id=case_id, since=draft.version))


@blueprint.post("/section")
@allowed(Permission.SCREEN)
def section(case_id: str) -> Response | tuple[Response, int]:
    """Save what a script sends when a section is left, and tell it what its page has to know."""
    draft = Draft.read(request.form)
    view = open_to_write(case_id)
    try:
        done = saving.save(view, draft, EntryMethod.AUTOSAVE)
    except ConflictError as error:
        links = [each.link_id for each in error.differences]
        names = ", ".join(page_context().ruleset.items[link_id].name for link_id in links)
        words = OTHER_WINDOW if saving.is_own_change(view, links) else TWO_ANSWERS
        said = f"{words_of_written(error)} {gettext(words, names=names)}".strip()
        return jsonify(words=said, waiting=_waiting_signs(view)), HTTPStatus.CONFLICT
    except ClosedError:
        words = words_of_unsaved(view, draft) or gettext(CLOSED)
        return jsonify(words=words, closed=True), HTTPStatus.CONFLICT
    return jsonify(_saved_data(view, draft, done))


TWO_ANSWERS = mark(
    "Not saved: somebody else answered this differently: {names}. Press Save to see both."
)
OTHER_WINDOW = mark(
    "Not saved: you answered this differently in another window: {names}. Press Save to see both."
)
CLOSED = mark("Not saved: this case was closed. Reopen it, then save.")
UNREAD = mark("Saved, but for what cannot be read: {names}")


def _saved_data(view: CaseView, draft: Draft, done: SaveResult) -> JsonObject:
    today, items = page_context().today(), page_context().ruleset.items
    case, given = view.case, current_answers(view)
    unread = [field for field in (*draft.fields, draft.intake.day) if field.errors]
    names = ", ".join(field.item.name for field in unread)
    when = words_of_moment(records().now(), today)
    assessment = assess(
        page_context().ruleset, plain_answers(given), today, case.referral.birth_year
    )
    return {
        "version": done.version,
        "words": gettext(UNREAD, names=names) if unread else gettext("Saved {when}", when=when),
        "errors": {field.item.link_id: field.errors[0] for field in unread},
        "state": STATE_WORDS[case.state],
        "facts": wait_facts(case),
        "waiting": _waiting_signs(view),
        "hidden": hidden_items(assessment),
        "flags": [flag_data(flag) for flag in red_flags(assessment)],
        "standing": words_of_cautions(assessment.ruleset, today, today),
        "contradictions": [
            each.data for each in contradiction_views(assessment, answer_links(case, on_form=True))
        ],
        "none": [link for link, each in given.items() if each.how is EntryMethod.NONE_OF_THESE],
        "again": [link for link, each in given.items() if words_to_ask_again(link, each)],
        "given": {link: given_words(items[link], each, today) for link, each in given.items()},
        "merged": [
            _merged_data(each, done.changed) for each in done.merged if each.link_id in items
        ],
    }


def _waiting_signs(view: CaseView) -> str:
    """The emergency signs that wait for their handover, as the case is now."""
    return waiting_words(page_context().ruleset, view.case)


def _merged_data(change: Change, own: tuple[str, ...]) -> JsonObject:
    """A change by somebody else, for the script; an answer of this save stays as it is."""
    item = page_context().ruleset.items[change.link_id]
    return {
        "item": change.link_id,
        "fields": {} if change.link_id in own else fields_of(item, change.after),
        "words": merged_words(page_context().ruleset.items, change, page_context().today()),
    }


def _changes_by_others(view: CaseView, version: int) -> list[str]:
    """The changes by others after a version of the case, in words, the oldest first."""
    changes = view.history.since(version).changes
    others = [each for each in changes if each.by_id != actor().id]
    return [
        merged_words(page_context().ruleset.items, each, page_context().today())
        for each in reversed(others)
    ]
