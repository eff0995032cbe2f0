"""Results that the ledger does not confirm: somebody may have changed them in the database."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from flask import render_template, request

from screening.formats.documents.answers_json import NewerFormatError
from screening.records.case.assessment_rows import StoredAssessment
from screening.records.errors import ErasedError, NoCaseError, UnconfirmedError
from screening.records.verification.confirmation import (
    ANSWERS,
    DECISION,
    OTHER_RESULT,
    RESULT,
    RULES,
    SOME_RESULT,
    SOME_RULES,
    unconfirmed_in_case,
    unconfirmed_parts,
)
from screening.translation import Phrases, gettext
from screening.web.shell.context import records
from screening.web.shell.responses import Page

UNCONFIRMED_WORDS = Phrases(
    {
        RESULT: "this result",
        OTHER_RESULT: "another result of this case",
        DECISION: "a decision on this case",
        RULES: "the rules of this result",
        ANSWERS: "the answers of this case",
        SOME_RESULT: "a result of this case",
        SOME_RULES: "the rules of a result of this case",
    }
)


def words_of_unconfirmed(parts: Iterable[str]) -> str:
    """The parts that may have been changed, and what to do."""
    changed = ", ".join(UNCONFIRMED_WORDS[part] for part in parts)
    return gettext(
        "Somebody may have changed {changed} in the database. Do not rely on it; tell the people"
        " who run this service."
    ).format(changed=changed)


def unconfirmed(kept: Iterable[StoredAssessment]) -> Mapping[int, str]:
    """By number, what to say of each result that the ledger does not confirm."""
    numbers = {stored.id: stored.number for stored in kept}
    found = unconfirmed_parts(records(), list(numbers))
    return {numbers[row_id]: words_of_unconfirmed(parts) for row_id, parts in found.items()}


@contextmanager
def warn_of_tampering() -> Iterator[None]:
    """Warn of tampering with the case where a page of it cannot be made.

    A row that somebody changed can fail in any way, and one that was deleted looks as if it had
    never been there.

    Raises:
        UnconfirmedError: if anything of the case is not confirmed.
    """
    try:
        yield
    except (NoCaseError, ErasedError, NewerFormatError, UnconfirmedError):
        raise
    except Exception as error:
        check_case_confirmed((request.view_args or {})["case_id"], error)
        raise


def check_case_confirmed(case_id: str, cause: Exception | None = None) -> None:
    """Make sure that the ledger confirms all results of a case, and that none is missing.

    Raises:
        UnconfirmedError: if it does not.
    """
    if parts := unconfirmed_in_case(records(), case_id):
        raise UnconfirmedError(parts) from cause


def warning_page(error: UnconfirmedError) -> Page:
    """Warn instead of a page that cannot be made of what somebody changed in the database."""
    told_of = {"why": words_of_unconfirmed(error.parts), **(request.view_args or {})}
    return render_template("results/unconfirmed.html", **told_of), HTTPStatus.CONFLICT
