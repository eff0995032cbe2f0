"""A referral is added, and changed: as little as possible is asked, and nothing typed is lost."""

from functools import partial
from http import HTTPStatus

from flask import Blueprint, flash, render_template, request, url_for

from screening.core.values.referral import Referral
from screening.formats.referrals.text import FIELD_WORDS, texts_of
from screening.records.access import Permission
from screening.records.case.case_rows import Case
from screening.records.case.case_view import CaseView
from screening.records.casework.cases import add_cases, change_referral
from screening.records.errors import ClosedError, StaleError
from screening.records.worklist.bulk import find_added
from screening.records.worklist.worklist import clinics, find_duplicates
from screening.translation import gettext, mark
from screening.web.accounts.authorization import actor, actor_sites, allowed
from screening.web.case.draft import find_warnings
from screening.web.case.frame import case_context, is_writable, open_to_write, show_case
from screening.web.case.links import case_address
from screening.web.shell.context import page_context, records
from screening.web.shell.dates import words_of_moment
from screening.web.shell.responses import Page, form_page, see_other
from screening.web.shell.write_keys import posted_key, posted_version
from screening.web.worklist.likeness import words_of_alike_case
from screening.web.worklist.referral_form import (
    Difference,
    ReferralForm,
    base_inputs,
    differences,
    merge_fields,
    posted_base,
    site_items,
)
from screening.web.worklist.worklist import Line

blueprint = Blueprint("referral", __name__)
ADDED = mark("The referral was added.")
CHANGED, UNCHANGED = mark("The referral was changed."), mark("Nothing was changed.")
CLOSED = mark("Not saved: this case is closed. Reopen it in another window, then save again.")


@blueprint.get("/worklist/new")
@allowed(Permission.SCREEN)
def new() -> Page:
    """The empty form."""
    return _new_page(ReferralForm.empty())


@blueprint.post("/worklist/new")
@allowed(Permission.SCREEN)
def add() -> Page:
    """Add the referral; where somebody like this patient is there already, ask first."""
    form = ReferralForm.read(request.form, page_context().today(), actor_sites())
    once = posted_key()
    if form.referral is None or form.site is None or request.form.get("action") == "change":
        return _new_page(form)
    alike = find_duplicates(records(), actor(), form.site, form.referral)
    unseen = {case.id for case in alike} - set(request.form.getlist("seen"))
    # After a double click the second request finds what the first has just added.
    content = [form.site, texts_of(form.referral)]
    if unseen and find_added(records(), actor(), once, content) is None:
        return _duplicates_page(form, alike)
    (case_id,) = add_cases(records(), actor(), form.site, [form.referral], once, content)
    if request.form.get("then") == "another":
        flash(gettext(ADDED))
        return see_other(url_for("referral.new"))
    return see_other(case_address(case_id))


@blueprint.get("/case/<case_id>/referral")
@allowed(Permission.SCREEN)
def edit(case_id: str) -> Page:
    """The form with what is saved."""
    case = show_case(case_id).case
    if not is_writable(case):
        return see_other(case_address(case_id))
    return _edit_page(case, ReferralForm.of(texts_of(case.referral)))


@blueprint.post("/case/<case_id>/referral")
@allowed(Permission.SCREEN)
def change(case_id: str) -> Page:
    """Save the changed referral, or show what somebody else saved meanwhile."""
    form = ReferralForm.read(request.form, page_context().today())
    version, once = posted_version(), posted_key()
    view = open_to_write(case_id)
    if form.referral is None:
        return _edit_page(view.case, form, version=version)
    try:
        return _save_or_compare(view, version, form.referral, once)
    except ClosedError:
        flash(gettext(CLOSED), "error")
        return _edit_page(view.case, form, version=version, closed=True)


def _save_or_compare(view: CaseView, version: int, typed: Referral, once: str) -> Page:
    """Save a changed referral, or show what somebody else saved meanwhile."""
    try:
        return _save(view, version, typed, once)
    except StaleError:
        return _change_of_newer(view, typed, once)


def _change_of_newer(view: CaseView, typed: Referral, once: str) -> Page:
    """The case was written to meanwhile; that matters only if the referral was changed."""
    found = differences(request.form, typed, view.case.referral)
    if found:
        form = ReferralForm.of(merge_fields(typed, found))
        return _edit_page(view.case, form, found=found)
    return _save_or_compare(view, view.case.version, typed, once)


def _save(view: CaseView, version: int, typed: Referral, once: str) -> Page:
    """Save a changed referral, and what the worklist warns of by its birth year.

    Raises:
        StaleError: if somebody changed the case since that version.
    """
    made = change_referral(view, version, typed, once, partial(find_warnings, typed.birth_year))
    flash(gettext(CHANGED if made > version else UNCHANGED))
    return see_other(case_address(view.id))


def _new_page(form: ReferralForm) -> Page:
    page = render_template(
        "worklist/new.html",
        form=form,
        errors=form.errors,
        sites=actor_sites(),
        site_items=site_items(actor_sites()),
        clinics=clinics(records(), actor()),
    )
    return form_page(page, form.unfit)


def _duplicates_page(form: ReferralForm, alike: tuple[Case, ...]) -> Page:
    today, ruleset = page_context().today(), page_context().ruleset
    mine, site = form.referral, form.site
    assert mine is not None  # noqa: S101 - what is not read is never compared
    assert site is not None  # noqa: S101 - nor what is of no site
    return render_template(
        "worklist/duplicates.html",
        form=form,
        lines=[Line.of(case, ruleset, today) for case in alike],
        likeness=[words_of_alike_case(mine, site, case) for case in alike],
        several_sites=len(actor_sites()) > 1,
    )


def _edit_page(
    case: Case,
    form: ReferralForm,
    *,
    version: int | None = None,
    found: tuple[Difference, ...] = (),
    closed: bool = False,
) -> Page:
    """The form to change a referral.

    Args:
        case: the case as it is saved now.
        form: the texts of the fields.
        version: what the form was opened from, if that is not the case as it is saved now.
        found: what somebody else changed since.
        closed: whether it could not be saved because the case is closed.
    """
    page = render_template(
        "worklist/referral.html",
        **{
            **case_context(case),
            "form": form,
            "errors": form.errors,
            "version": case.version if version is None else version,
            "base": (base_inputs(case.referral) if version is None else posted_base(request.form)),
            "found": found,
            "unsaved": closed,
            "FIELD_WORDS": FIELD_WORDS,
            "by_you": case.touched_by_id == actor().id,
            "touched": words_of_moment(case.touched_at, page_context().today()),
            "back": case_address(case.id),
            "clinics": clinics(records(), actor()),
        },
    )
    if found or closed:
        return page, HTTPStatus.CONFLICT
    return form_page(page, form.unfit)
