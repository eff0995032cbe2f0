"""Which rules two people brought into use here: one proposes them, another one approves.

Rules that nobody activated can still be used where one person works alone: pages then say that they
are not activated. Only where real patients are served (``serve --production``) is nothing recorded
by them. All who work on the server itself count as one person.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from screening.core.rules.ruleset import Ruleset
from screening.errors import Problem, ScreeningError
from screening.formats.rules.reused_versions import find_reused_versions
from screening.formats.rules.rule_text import QUESTIONS, RuleText
from screening.records.access import Actor, Permission
from screening.records.case.case_rows import check_permission, load_names, name_or_number
from screening.records.case.case_write import new_id
from screening.records.case.odd_times import as_text, read_moment
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.people.rights_steps import NEW_DAYS, ROOT, is_one_person
from screening.records.rules.recorded import keep_ruleset, load_earlier, texts_to_keep
from screening.records.storage.tables import ActivationRow, RulesetRow
from screening.records.verification.accounts import check_rights
from screening.translation import mark


class ActivationError(ScreeningError):
    """Rules cannot be proposed or approved as was asked."""


class NotProposedError(ActivationError):
    """Nobody proposed the rules."""

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(mark("nobody has proposed these rules; propose them first"))


class ActivatedError(ActivationError):
    """The rules were activated, or proposed, before."""

    def __init__(self, *, activated: bool) -> None:
        """Say what is done already."""
        done = mark("these rules were activated before")
        super().__init__(done if activated else mark("these rules were proposed before"))


class SamePersonError(ActivationError):
    """The person who proposed the rules wants to approve them too."""

    def __init__(self) -> None:
        """Say who is needed."""
        super().__init__(mark("you proposed these rules; somebody else has to approve them"))


class OneMakerError(ActivationError):
    """Two new accounts that one administrator made count as one person."""

    def __init__(self) -> None:
        """Say who can approve."""
        super().__init__(
            mark(
                "one administrator made your account and that of the person who proposed these"
                " rules, and one of them is new. Another person has to approve the rules, or run"
                " `screening versions approve` on the server"
            )
        )


class ReusedVersionError(ActivationError):
    """A file of the rules has a version under which another text was recorded."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Name each file, and the version that it could have."""
        said = "; ".join(f"{problem.message}: {problem.hint}" for problem in problems)
        super().__init__(mark("these rules cannot be proposed: {problems}"), problems=said)


class UnreadableStepError(ActivationError):
    """A step of the rules was changed outside the application: nothing follows from it."""

    def __init__(self) -> None:
        """Say why nobody can approve the rules."""
        super().__init__(
            mark(
                "it cannot be read who proposed these rules: it was changed outside the application"
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A person who did something, and the time. What cannot be read is None."""

    by: str
    by_id: int | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Rules that were used or proposed here.

    If somebody changed their row in the database, the name and the version may be empty.
    """

    digest: str
    ruleset_id: str
    version: str
    proposed: Step | None
    approved: Step | None


def versions(records: Records, actor: Actor) -> tuple[Version, ...]:
    """All rules that were used or proposed here, the newest first.

    Raises:
        NotAllowedError: if no role of the person allows it.
    """
    check_permission(actor, Permission.ACTIVATE)
    columns = RulesetRow.digest, RulesetRow.ruleset_id, RulesetRow.ruleset_version
    newest = as_text(RulesetRow.at).desc()
    with records.database.reading() as session:
        kept = {row.digest: row for row in session.execute(select(*columns).order_by(newest))}
        rows = session.execute(_steps()).all()
        people = {each for row in rows for each in (row.proposed_by, row.approved_by)}
        names = load_names(session, people)
    # Rules whose own row was changed are still named by the steps of people.
    lost = [digest for digest in dict.fromkeys(row.digest for row in rows) if digest not in kept]
    return tuple(_version(digest, kept.get(digest), rows, names) for digest in (*kept, *lost))


def is_activated(records: Records, digest: str) -> bool:
    """True if two people brought rules into use."""
    approved = ActivationRow.approved_by.is_not(None)
    query = select(ActivationRow.id).where(ActivationRow.ruleset_digest == digest, approved)
    with records.database.reading() as session:
        return session.scalar(query.limit(1)) is not None


def _check_confirmed(session: Session, records: Records, actor: Actor) -> None:
    """Make sure that the ledger confirms the rights of a person.

    Raises:
        AlteredAccountError: if it does not.
    """
    if actor.id != ROOT:
        check_rights(session, records.keyring(), actor)


def propose(records: Records, actor: Actor, ruleset: Ruleset, texts: Mapping[str, str]) -> None:
    """Propose rules; their texts are kept.

    Raises:
        NotAllowedError: if no role of the person allows it.
        ActivatedError: if they are proposed or activated already.
        ReusedVersionError: if another text was recorded under the version of one of their files.
        RulesetTextsError: if the texts are not those of the rules.
    """
    check_permission(actor, Permission.ACTIVATE)
    kept = texts_to_keep(records, ruleset, texts)
    _check_versions(records, ruleset, texts)
    with records.database.writing() as session:
        _check_confirmed(session, records, actor)
        keep_ruleset(session, records, actor.id, ruleset, kept)
        if rows := _rows(session, ruleset.digest):
            raise ActivatedError(activated=rows[-1].approved_by is not None)
        row = ActivationRow(
            id=new_id(), ruleset_digest=ruleset.digest, proposed_by=actor.id, at=records.now()
        )
        _add(session, records, actor, row, EventKind.RULES_PROPOSED)


def approve(records: Records, actor: Actor, digest: str, days: int = NEW_DAYS) -> None:
    """Approve rules that somebody else proposed, which brings them into use.

    Args:
        records: where the rules are.
        actor: who approves.
        digest: of the rules.
        days: for how long an account is new, see ``rights_steps``.

    Raises:
        NotAllowedError: if no role of the person allows it.
        NotProposedError: if nobody proposed them.
        UnreadableStepError: if it cannot be read who did.
        SamePersonError: if the person did.
        OneMakerError: if the two accounts count as one person.
        ActivatedError: if they are activated already.
    """
    check_permission(actor, Permission.ACTIVATE)
    with records.database.writing() as session:
        events.lock(session)
        _check_confirmed(session, records, actor)
        rows = _rows(session, digest)
        if not rows:
            raise NotProposedError
        if rows[-1].approved_by is not None:
            raise ActivatedError(activated=True)
        if not isinstance(rows[-1].proposed_by, int):
            raise UnreadableStepError
        if rows[-1].proposed_by == actor.id:
            raise SamePersonError
        if is_one_person(session, records, rows[-1].proposed_by, actor.id, days):
            raise OneMakerError
        row = ActivationRow(
            id=new_id(),
            ruleset_digest=digest,
            proposed_by=rows[-1].proposed_by,
            approved_by=actor.id,
            at=records.now(),
        )
        _add(session, records, actor, row, EventKind.RULES_ACTIVATED)


def _check_versions(records: Records, ruleset: Ruleset, texts: Mapping[str, str]) -> None:
    names = {QUESTIONS, *(part.id for part in ruleset.parts)}
    files = {
        name: RuleText(f"{name}.yaml", text.encode())
        for name, text in texts.items()
        if name in names
    }
    if problems := list(find_reused_versions(files, load_earlier(records.database))):
        raise ReusedVersionError(problems)


def _steps() -> "Select[*tuple[Any, ...]]":
    """The steps, the first one first; a time that cannot be read takes none away."""
    at = as_text(ActivationRow.at)
    return select(
        ActivationRow.ruleset_digest.label("digest"),
        ActivationRow.proposed_by,
        ActivationRow.approved_by,
        at.label("at"),
    ).order_by(ActivationRow.approved_by.is_not(None), at)


def _rows(session: Session, digest: str) -> Sequence[Row[*tuple[Any, ...]]]:
    return session.execute(_steps().where(ActivationRow.ruleset_digest == digest)).all()


def _version(
    digest: str,
    kept: Row[str, str, str] | None,
    rows: Sequence[Row[*tuple[Any, ...]]],
    names: Mapping[int, str],
) -> Version:
    steps = [row for row in rows if row.digest == digest]
    return Version(
        digest=digest or "",
        ruleset_id=(kept.ruleset_id if kept else "") or "",
        version=(kept.ruleset_version if kept else "") or "",
        proposed=_proposed(steps, names),
        approved=_approved(steps, names),
    )


def _add(
    session: Session, records: Records, actor: Actor, row: ActivationRow, kind: EventKind
) -> None:
    session.add(row)
    events.append_row(session, records, by=actor.id, kind=kind, case_id="", row=row)


def _proposed(rows: Sequence[Row[*tuple[Any, ...]]], names: Mapping[int, str]) -> Step | None:
    return _step(rows[0].proposed_by, rows[0].at, names) if rows else None


def _approved(rows: Sequence[Row[*tuple[Any, ...]]], names: Mapping[int, str]) -> Step | None:
    found = (row for row in rows if row.approved_by is not None)
    return next((_step(row.approved_by, row.at, names) for row in found), None)


def _step(by: object, at: str | None, names: Mapping[int, str]) -> Step:
    number = by if isinstance(by, int) else None
    return Step(by=name_or_number(names, by), by_id=number, at=read_moment(at))
