"""Emergencies are handed over: somebody who can act is told, and that is recorded.

An emergency waits for its handover from the save that made it known. It waits on when a later
answer takes the sign back: somebody who saw both answers has to say who was told, or why the
"yes" was an error. Until then the case is due, is neither decided nor closed, and every page of it
says so.
"""

import datetime as dt
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from screening.core.results.assess import Assessment, assess
from screening.core.results.warning_signs import collect_warnings, ruled_out_emergencies
from screening.core.rules.ruleset import Ruleset
from screening.core.values.note import MISTAKE_NOTE
from screening.errors import ScreeningError
from screening.records.case.case_view import CaseView
from screening.records.case.case_write import WROTE, CaseWrite, Write, write_case
from screening.records.case.chase_rows import HANDOVER
from screening.records.casework.chases import write_chases
from screening.records.casework.emergency_notes import (
    Handover,
    add_note,
    check_text,
)
from screening.records.errors import StaleError
from screening.records.ledger.events import EventKind
from screening.translation import mark


class NotHandedOverError(ScreeningError):
    """A case was to be closed while nobody has recorded who was told about its emergency."""

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(
            mark(
                "an emergency sign was answered yes, and nobody has recorded who was told about it;"
                " record that first"
            )
        )


class NoEmergencyError(ScreeningError):
    """The case has no emergency of the kind that was to be recorded."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(mark("this case has no such emergency sign now"))


class NotRuledOutError(ScreeningError):
    """A yes was to be called an error while its question is not answered with no."""

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(mark("this emergency sign is not answered no; answer it first"))


def known_emergencies(case: CaseWrite, rules: Ruleset) -> tuple[str, ...]:
    """The emergency criteria that hold by the answers as they are in this transaction."""
    return collect_warnings(_assessed(case, rules)).emergencies


def needs_handover(case: CaseWrite, rules: Ruleset) -> bool:
    """True if there is or was an emergency that nobody has handed over."""
    return case.summary.needs_handover_of(known_emergencies(case, rules))


def check_handed_over(case: CaseWrite, rules: Ruleset) -> None:
    """Make sure that every emergency was handed over, or was an error.

    Raises:
        NotHandedOverError: if one was not.
    """
    if needs_handover(case, rules):
        raise NotHandedOverError


def record_handover(
    view: CaseView,
    signs: AbstractSet[str],
    handover: Handover,
    rules: Ruleset,
    idempotency_key: str,
) -> int:
    """Record who was told about what is or was an emergency; gives the case's new version.

    Args:
        view: the case, as the person who records it sees it.
        signs: the ids of the emergency criteria that the person saw. Nothing else of the case may
            stop this: an answer that was saved meanwhile does not.
        handover: who was told, when, and by whom.
        rules: the rules in use.
        idempotency_key: that of the form.

    Raises:
        StaleError: if there is an emergency that the person did not see.
        NoEmergencyError: if there is none.
        UnfitFieldError: if something is not stated, or cannot be kept.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_open()
        alarmed = case.summary.alarmed_on
        handover.check(case.at, dt.date.fromisoformat(alarmed) if alarmed else None)
        known = known_emergencies(case, rules)
        waiting = _waiting(case, known, signs)
        add_note(case, handover.data(), waiting)
        case.summary = replace(case.summary, emergencies=known, handed_over=known, taken_back=())
        return _settle(case, known)

    return _write(view, idempotency_key, [sorted(signs), handover.data()], work)


def record_mistake(
    view: CaseView, sign: str, why: str, rules: Ruleset, idempotency_key: str
) -> int:
    """Record why a sign that was taken back was never there; gives the case's new version.

    Args:
        view: the case, as the person who records it sees it.
        sign: the id of the emergency criterion.
        why: how they know that the answer was an error.
        rules: the rules in use.
        idempotency_key: that of the form.

    Raises:
        NoEmergencyError: if it was not taken back.
        NotRuledOutError: if nobody has answered no since.
        UnfitFieldError: if the reason is missing, or cannot be kept.
        NoCaseError, NotAllowedError, ClosedError, ErasedError: see ``case_write.write_case``.
    """

    def work(case: CaseWrite) -> str:
        case.check_open()
        if sign not in case.summary.taken_back:
            raise NoEmergencyError
        if sign not in ruled_out_emergencies(_assessed(case, rules)):
            raise NotRuledOutError
        check_text("why", why, MISTAKE_NOTE)
        add_note(case, {"why": why.strip()}, [sign])
        left = tuple(each for each in case.summary.taken_back if each != sign)
        case.summary = replace(case.summary, taken_back=left)
        return _settle(case, known_emergencies(case, rules))

    return _write(view, idempotency_key, [sign, why], work)


def _waiting(case: CaseWrite, known: tuple[str, ...], signs: AbstractSet[str]) -> tuple[str, ...]:
    """The emergencies that wait to be handed over, all of which the person saw.

    Raises:
        StaleError: if the person did not see one of them.
        NoEmergencyError: if there is none.
    """
    waiting = dict.fromkeys([*known, *case.summary.taken_back])
    if not waiting:
        raise NoEmergencyError
    if not waiting.keys() <= signs:
        raise StaleError(case.row.version)
    return tuple(waiting)


def _assessed(case: CaseWrite, rules: Ruleset) -> Assessment:
    """The assessment of the answers as they are in this transaction."""
    answers = {link: each for link, each in case.history.answers().items() if link in rules.items}
    return assess(rules, answers, case.day, case.summary.birth_year)


def _settle(case: CaseWrite, known: tuple[str, ...]) -> str:
    """Let the case wait for what is still to be handed over; gives its new version."""
    alarmed = case.summary.alarmed_on if case.summary.needs_handover_of(known) else None
    case.summary = replace(case.summary, alarmed_on=alarmed, noted=True)
    write_chases(case, {}, renewed=frozenset({HANDOVER}))  # so that each writes some chase
    return f"{case.finish(EventKind.CASE_CHANGED)} {WROTE}"


def _write(
    view: CaseView, idempotency_key: str, content: object, work: Callable[[CaseWrite], str]
) -> int:
    kind = EventKind.ANSWER_GIVEN  # what is kept of the form is that of answers, too
    version, *_ = write_case(
        view, Write(idempotency_key=idempotency_key, kind=kind, content=content), work
    ).split()
    return int(version)
