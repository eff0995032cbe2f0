"""Pages for a form that cannot be saved as it is: unreadable, differing, or of a closed case."""

from collections.abc import Iterable
from http import HTTPStatus

from flask import flash, render_template, request

from screening.records.case.case_view import CaseView
from screening.records.case.history import EntryMethod
from screening.records.case.view_events import record_view_of
from screening.records.casework.answers import ConflictError, SaveResult
from screening.records.errors import ClosedError
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor
from screening.web.case.answer_form import render_answer_form
from screening.web.case.draft import Draft, differences, hidden_inputs, save, unsaved_signs
from screening.web.case.frame import case_context
from screening.web.case.known_answers import current_answers, plain_answers
from screening.web.forms.prefill import prefill_form
from screening.web.questionnaire.nurse import Intake
from screening.web.shell.context import page_context
from screening.web.shell.responses import Page
from screening.web.shell.write_keys import posted_number

SIGN_SAVED = mark("Your “yes” is saved: {names}.")
SIGN_UNSAVED = mark(
    "The “yes” is not saved: {names}. Tell the emergency or spinal team now: on a closed case"
    " nobody is reminded of it. Then reopen the case and save."
)


def save_or_ask(view: CaseView, draft: Draft, action: str) -> SaveResult | Page:
    """Save a posted answer form, or make the page that asks about what prevents it.

    Args:
        view: the case that the form belongs to.
        draft: the answer form.
        action: the address that the form of the page is sent to.
    """
    if draft.undecided():
        since, links = posted_number("from"), request.form["differing"].split()
        return _ask_which_answer(view, draft, action, since, draft.version, links)
    try:
        done = save(view, draft, EntryMethod.FORM)
    except ConflictError as error:
        if error.written:
            flash(words_of_written(error), "success")
        links = [each.link_id for each in error.differences]
        return _ask_which_answer(view, draft, action, draft.version, error.version, links)
    except ClosedError:
        return _show_closed_case(view, draft, action)
    return _show_unread(view, draft) if draft.intake.errors else done


def words_of_written(error: ConflictError) -> str:
    """The emergency signs that are saved although the rest waits for a choice."""
    names = ", ".join(page_context().ruleset.items[link].name for link in error.written)
    return gettext(SIGN_SAVED, names=names) if names else ""


def _ask_which_answer(  # noqa: PLR0913, PLR0917 - the two versions are what it is about
    view: CaseView, draft: Draft, action: str, since: int, version: int, links: Iterable[str]
) -> Page:
    """Both answers, by question, with a choice; nothing of either is lost."""
    listed = [link for link in links if link in page_context().ruleset.items]
    record_view_of(view)
    hidden = [*hidden_inputs(view, draft), ("differing", " ".join(listed)), ("from", str(since))]
    found = differences(view, draft, since, listed)
    page = render_template(
        "case/conflict.html",
        **case_context(view.case) | {"version": version},
        action=action,
        carried=hidden,
        differences=found,
        mistakes=[(each.name, f"{each.question}: {each.error}") for each in found if each.error],
    )
    return page, HTTPStatus.CONFLICT


def words_of_unsaved(view: CaseView, draft: Draft) -> str:
    """The emergency signs that a closed case cannot take, and what to do; empty without one."""
    names = unsaved_signs(view, draft)
    return gettext(SIGN_UNSAVED, names=names) if names else ""


def _show_closed_case(view: CaseView, draft: Draft, action: str) -> Page:
    """Show the typed answers, to be saved once the case is open again."""
    record_view_of(view)
    case, hidden = view.case, hidden_inputs(view, draft)
    page = render_template(
        "case/closed_meanwhile.html",
        **case_context(case),
        action=action,
        draft=draft,
        carried=hidden,
        typed=bool(dict(hidden)["only"]),
        unsaved_sign=words_of_unsaved(view, draft),
        closed_by=gettext("you") if case.touched_by_id == actor().id else case.touched_by,
    )
    return page, HTTPStatus.CONFLICT


def _show_unread(view: CaseView, draft: Draft) -> Page:
    """The answer form as it is stored now, with what could not be read as it was typed."""
    record_view_of(view)
    given = current_answers(view)
    fields = prefill_form(page_context().ruleset, plain_answers(given), page_context().today())
    for field in (*draft.intake.form.fields, draft.intake.day):
        if field.errors or field is draft.intake.day:
            for name in field.names:
                fields.setlist(name, draft.posted.getlist(name))
    page = render_answer_form(view.case, Intake.read(fields), given, saved=False, merged=[])
    return page, HTTPStatus.UNPROCESSABLE_ENTITY
