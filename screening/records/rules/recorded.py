"""The rule files that results were computed by, kept by the digest of what they hold.

A digest is believed only after the kept texts were read and gave the same one.
"""

import json
from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from screening.core.rules.ruleset import Ruleset
from screening.errors import ScreeningError
from screening.formats.rules.reused_versions import EarlierVersion
from screening.formats.rules.rule_text import QUESTIONS, RuleText
from screening.formats.rules.rulebook import read_recorded_ruleset
from screening.records.case.odd_times import as_text, read_moment
from screening.records.ledger import events
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.storage.database import Database
from screening.records.storage.tables import RulesetRow
from screening.translation import mark
from screening.words.shared.days import words_of_day

_MOST_READ = 8
"""Rulesets that stay read, each by its very texts: a text that was changed is read again."""


class RulesetTextsError(ScreeningError):
    """Texts of rule files are not those of the ruleset with a digest."""

    def __init__(self, digest: str) -> None:
        """Name the digest by its beginning."""
        message = mark("the texts of the rules {digest} are not what was computed by")
        super().__init__(message, digest=digest[:12])


def load_recorded_ruleset(records: Records, digest: str) -> Ruleset:
    """The ruleset that results were computed by, from its kept texts.

    Raises:
        RulesetTextsError: if none is kept, or the texts are others now.
    """
    query = select(RulesetRow.ruleset_id, RulesetRow.texts).where(RulesetRow.digest == digest)
    with records.database.reading() as session:
        found = session.execute(query).first()
    if found is None:
        raise RulesetTextsError(digest)
    texts = _read_texts(found.texts)
    if texts is None:
        raise RulesetTextsError(digest)
    return read_recorded(found.ruleset_id, texts, digest)


def load_earlier(database: Database) -> list[EarlierVersion]:
    """All rule files that results were computed by or that were proposed, the newest first.

    Those that somebody changed in the database to no texts are left out.
    """
    at = as_text(RulesetRow.at)
    with database.reading() as session:
        rows = session.execute(select(RulesetRow.texts, at).order_by(at.desc())).all()
    read = ((_read_texts(texts), read_moment(at)) for texts, at in rows)
    return [
        EarlierVersion(
            f"than what was recorded here on {words_of_day(at.date())}"
            if at
            else "than what was recorded here",
            {name: text.encode() for name, text in texts.items()},
        )
        for texts, at in read
        if texts is not None
    ]


def _is_kept(session: Session, digest: str) -> bool:
    """True if there is a row of rules, even one that cannot be read."""
    return session.scalar(select(RulesetRow.digest).where(RulesetRow.digest == digest)) is not None


def _read_texts(kept: str | None) -> dict[str, str] | None:
    """The kept texts by name; None if somebody changed them to what are none."""
    try:
        texts = json.loads(kept or "")
    except ValueError:
        return None
    sound = isinstance(texts, dict) and all(isinstance(each, str) for each in texts.values())
    return texts if sound else None


def texts_to_keep(records: Records, ruleset: Ruleset, texts: Mapping[str, str]) -> str | None:
    """The texts of the files that took part, as JSON by name; None if they are kept already.

    Raises:
        RulesetTextsError: if these texts do not give the ruleset, as when a file was changed since
            it was read.
    """
    with records.database.reading() as session:
        if _is_kept(session, ruleset.digest):
            return None
    names = {part.id for part in ruleset.parts} | {QUESTIONS}
    needed = {name: text for name, text in texts.items() if name in names}
    try:
        read_recorded(ruleset.id, needed, ruleset.digest)
    except RulesetTextsError:  # the question bank may cite the sources of further files
        needed = dict(texts)
        read_recorded(ruleset.id, needed, ruleset.digest)
    return json.dumps(needed, ensure_ascii=False, sort_keys=True)


def keep_ruleset(
    session: Session, records: Records, by: int, ruleset: Ruleset, texts: str | None
) -> None:
    """Keep texts that ``texts_to_keep`` gave, unless somebody else did so meanwhile."""
    if texts is None:
        return
    events.lock(session)
    if _is_kept(session, ruleset.digest):
        return
    row = RulesetRow(
        digest=ruleset.digest,
        ruleset_id=ruleset.id,
        ruleset_version=ruleset.version,
        texts=texts,
        at=records.now(),
    )
    session.add(row)
    session.flush()  # an assessment refers to it
    events.append_row(session, records, by=by, kind=EventKind.RULESET_KEPT, case_id="", row=row)


def read_recorded(name: str, texts: Mapping[str, str], digest: str) -> Ruleset:
    """The ruleset that texts of rule files give.

    Raises:
        RulesetTextsError: if it is not the one with this digest.
    """
    ruleset = _read(name, tuple(sorted(texts.items())), digest)
    if ruleset is None:
        raise RulesetTextsError(digest)
    return ruleset


@lru_cache(_MOST_READ)
def _read(name: str, texts: tuple[tuple[str, str], ...], digest: str) -> Ruleset | None:
    files = {each: RuleText(f"{each}.yaml", text.encode()) for each, text in texts}
    return read_recorded_ruleset(name, files, digest)
