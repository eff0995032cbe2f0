"""A thief has the database and no key: what names and lengths of rows tell of answers."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shipped
from sqlalchemy import select
from writes import added, saved

from screening.core.answer import Answer
from screening.core.item import ItemType
from screening.formats.keptanswers import read_kept
from screening.records.access import Actor
from screening.records.casekeys import load_key
from screening.records.store import Records
from screening.records.tables import AnswerRow

CASES = 12
QUESTIONS = [
    link_id for link_id, item in shipped.ruleset().items.items() if item.type is ItemType.YES_NO
]


@dataclass(frozen=True, slots=True)
class Stolen:
    """What a thief sees of an answer, and what it says."""

    link_id: str
    length: int
    yes: bool

    @property
    def clues(self) -> tuple[tuple[object, ...], ...]:
        """What to go by, the best first."""
        return ((self.link_id, self.length), (self.length,), ())


def screened(records: Records, nurse: Actor) -> list[list[Stolen]]:
    """Cases of patients of whom every answer is as likely yes as no, as a thief sees them."""
    chance = random.Random(20261120)
    found = []
    for number in range(CASES):
        case_id = added(records, nurse, reference=f"R-{number}")
        given = {each: Answer(value=chance.random() < 1 / 2) for each in QUESTIONS}
        saved(records, nurse, case_id, 1, dict(given))
        found.append(list(stolen(records, case_id)))
    return found


def stolen(records: Records, case_id: str) -> Iterator[Stolen]:
    """The rows of a case, each with what only the key of the case can tell."""
    with records.database.reading() as session:
        key = load_key(session, records.keyring(), case_id)
        for row in session.scalars(select(AnswerRow).where(AnswerRow.case_id == case_id)):
            _, answer = read_kept(key.unseal(row.sealed, "answers", row.id, row.version))
            assert answer
            yield Stolen(row.link_id, len(row.sealed), answer.value is True)


def guessed(known: Iterable[Stolen], found: Stolen) -> bool:
    """What a thief makes of an answer who happens to know those of other patients."""
    votes: dict[tuple[object, ...], Counter[bool]] = {}
    for each in known:
        for clue in each.clues:
            votes.setdefault(clue, Counter())[each.yes] += 1
    best = next(votes[clue] for clue in found.clues if clue in votes)
    return best[True] > best[False]


def test_nothing_but_chance_tells_yes_from_no(records: Records, nurse: Actor) -> None:
    cases = screened(records, nurse)
    half = CASES // 2
    known = [each for case in cases[:half] for each in case]
    sought = [each for case in cases[half:] for each in case]
    right = sum(guessed(known, each) is each.yes for each in sought)
    assert len(sought) > 150
    assert abs(right / len(sought) - 1 / 2) < 0.1
