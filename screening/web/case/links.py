"""Addresses of the pages of a case, and of its questions."""

from functools import partial

from flask import url_for

from screening.core.rules.item import Item, ItemType
from screening.records.case.case_rows import Case
from screening.web.case.frame import is_writable
from screening.web.forms.fields import DAY_PARTS, PREFIX
from screening.web.questionnaire.contradictions import AnswerLinks


def case_address(case_id: str) -> str:
    """The address of a case's screening page."""
    return url_for("answers.page", case_id=case_id)


def question_address(case_id: str, item: Item) -> str:
    """The address of the first control of one question of a case."""
    return url_for("answers.page", case_id=case_id, _anchor=control_id(item))


def control_id(item: Item) -> str:
    """The id of the first control of a question, on every page that puts it."""
    first = f"-{DAY_PARTS[0]}" if item.type is ItemType.DATE else ""
    return f"{PREFIX}{item.link_id}{first}"


def answer_links(case: Case, *, on_form: bool = False) -> AnswerLinks:
    """The links to correct the answers and the birth year of a case; on its form, within the page.

    The referral is left out where the person cannot change it.
    """
    edit = url_for("referral.edit", case_id=case.id) if is_writable(case) else ""
    if on_form:
        return AnswerLinks(question=lambda item: f"#{control_id(item)}", referral=edit)
    return AnswerLinks(question=partial(question_address, case.id), referral=edit)
