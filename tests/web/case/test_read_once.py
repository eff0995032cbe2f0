"""One request reads and opens each part of a case once, and replays a recorded result once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import event
from support.people.case_people import Nurse, assessed, form_with
from support.rulesets import shipped
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from screening.core.results.assess import assess
from screening.records.access import Role
from screening.records.case import assessment_content
from screening.records.ledger.records import Records
from screening.records.results import replay
from screening.records.sealing.vault import DataKey

Request = Callable[[Nurse], TestResponse]
Prepare = Callable[[Nurse], Request]


@dataclass(frozen=True, slots=True)
class Read:
    """What one request read: fields it opened by their place, queries of answers, and replays.

    ``sent`` are all its statements with their values.
    """

    fields: Counter[tuple[object, ...]] = field(default_factory=Counter[tuple[object, ...]])
    queries: list[str] = field(default_factory=list[str])
    replays: list[object] = field(default_factory=list[object])
    sent: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def opened(self, table: str) -> int:
        """How many fields of a table were opened."""
        return sum(count for place, count in self.fields.items() if place[0] == table)

    def twice(self) -> list[tuple[object, ...]]:
        """The fields of answers and results that were opened more than once."""
        watched = ("answers", "assessments", "reviews", "case_notes")
        return [at for at, count in self.fields.items() if count > 1 and at[0] in watched]

    def asked_twice(self) -> list[tuple[str, str]]:
        """The statements that were sent again with the same values; a session may be prolonged."""
        again = [each for each, count in Counter(self.sent).items() if count > 1]
        return [each for each in again if "sessions" not in each[0] and "BEGIN" not in each[0]]


@contextmanager
def reading(records: Records, monkeypatch: pytest.MonkeyPatch) -> Iterator[Read]:
    """Counts what is read while the block runs."""
    found, unseal = Read(), DataKey.unseal

    def opening(key: DataKey, sealed: bytes, *place: object) -> bytes:
        found.fields[place] += 1
        return unseal(key, sealed, *place)

    def replaying(*known: Any) -> object:  # noqa: ANN401 - passed on
        found.replays.append(known)
        return assess(*known)

    def asking(*told: object) -> None:
        statement = str(told[2])
        found.sent.append((statement, repr(told[3])))
        if (
            statement.startswith("SELECT")
            and "answers.sealed" in statement
            and "answers.link_id =" not in statement
        ):
            found.queries.append(statement)

    engine = records.database.engine
    with monkeypatch.context() as patched:
        patched.setattr(DataKey, "unseal", opening)
        for module in (assessment_content, replay):
            patched.setattr(module, "assess", replaying)
        event.listen(engine, "before_cursor_execute", asking)
        yield found
        event.remove(engine, "before_cursor_execute", asking)


def sheet(nurse: Nurse, **changes: str) -> MultiDict[str, str]:
    """The stored sheet with changed answers."""
    data = nurse.sheet()
    for link_id, text in changes.items():
        data.setlist(f"q-{link_id}", [text] if text else [])
    return data


def save(nurse: Nurse) -> Request:
    data = sheet(nurse, fever_chills="asked-unknown", leg_weakness="no")
    return lambda who: who.post("", data)


def save_unread(nurse: Nurse) -> Request:
    data = sheet(nurse, age="many", fever_chills="asked-unknown")
    return lambda who: who.post("", data)


def autosave(nurse: Nurse) -> Request:
    data = sheet(nurse, fever_chills="asked-unknown", cause="")
    return lambda who: who.post("section", data)


def repeat(nurse: Nurse) -> Request:
    data = sheet(nurse, fever_chills="asked-unknown")
    nurse.post("section", data)
    return lambda who: who.post("section", data)


def conflict(nurse: Nurse) -> Request:
    data = sheet(nurse, fever_chills="yes", cause="")
    nurse.answer(fever_chills="asked-unknown")
    return lambda who: who.post("", data)


def record(nurse: Nurse) -> Request:
    data = sheet(nurse, bone_density_scan="")
    return lambda who: who.post("assess", data)


def decide(nurse: Nurse, choice: str, note: str = "") -> Request:
    data = form_with(nurse.page("assessments/1"), "Record the decision")
    data["choice"], data["note"] = choice, note
    return lambda who: who.post("assessments/1/review", data)


def decision(nurse: Nurse) -> Request:
    return decide(nurse, "refer:requirements-met")


def refused_decision(nurse: Nurse) -> Request:
    return decide(nurse, "ask-more:other")


def chases(nurse: Nurse) -> Request:
    nurse.answer(fever_chills="asked-unknown")
    data = form_with(nurse.page("missing"), "Save")
    data["due-fever_chills"] = ""
    return lambda who: who.post("missing", data)


def stale_chases(nurse: Nurse) -> Request:
    request = chases(nurse)
    nurse.answer(cause="")
    return request


def get(way: str) -> Prepare:
    return lambda _: lambda who: who.get(way)


def trace(nurse: Nurse) -> Request:
    return lambda who: who.client.get(f"/audit/{nurse.case_id}/1/")


REQUESTS: Mapping[str, tuple[Prepare, int, int, int]] = {
    "save an answer": (save, 303, 1, 18),
    "save a sheet with what cannot be read": (save_unread, 422, 1, 25),
    "save a section": (autosave, 200, 1, 19),
    "save a section twice": (repeat, 200, 1, 9),
    "two people differ": (conflict, 409, 1, 15),
    "record a result": (record, 303, 2, 40),
    "decide": (decision, 303, 2, 38),
    "decide against the rules": (refused_decision, 422, 2, 45),
    "save the chase list": (chases, 303, 1, 24),
    "save a chase list that is out of date": (stale_chases, 422, 2, 20),
    "sheet": (get(""), 200, 1, 11),
    "missing answers": (get("missing"), 200, 1, 12),
    "history": (get("history"), 200, 1, 20),
    "results": (get("assessments/"), 200, 0, 19),
    "result": (get("assessments/1"), 200, 0, 22),
    "letter": (get("assessments/1/letter"), 200, 0, 26),
    "comparison": (get("compare?before=1&after=1"), 200, 0, 12),
    "referral": (get("referral"), 200, 0, 11),
    "trace": (trace, 200, 0, 19),
}
"""By what is asked for: how it is prepared, its status, how often the history is read, and the most
statements that it takes. Before a result is recorded or a
decision, all answers are read again, to be confirmed."""


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_opens_each_field_once_and_replays_a_result_once(
    hire: Callable[..., Nurse], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    prepare, status, most, statements = REQUESTS[name]
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE))
    request = prepare(lead)
    who = hire("Ada Auditor", Role.AUDITOR) if name == "trace" else lead
    with reading(lead.client.application.extensions["records"], monkeypatch) as found:
        assert request(who).status_code == status
    assert found.twice() == []
    assert len(found.queries) <= most
    assert len(found.replays) <= 1
    assert len(found.sent) <= statements
    assert found.asked_twice() == [] or status != 200 or name.startswith("save")


@pytest.mark.parametrize("name", ["save an answer", "history"])
def test_the_figures_count_the_history(
    hire: Callable[..., Nurse], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE))
    request = REQUESTS[name][0](lead)
    with reading(lead.client.application.extensions["records"], monkeypatch) as found:
        request(lead)
    assert len(found.queries) == 1
    assert found.opened("answers") == len(shipped.favourable())


@pytest.mark.parametrize("name", ["result", "letter", "decide", "trace"])
def test_the_figures_count_replays(
    hire: Callable[..., Nurse], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    lead = assessed(hire("Lea Lead", Role.LEAD_NURSE))
    request = REQUESTS[name][0](lead)
    who = hire("Ada Auditor", Role.AUDITOR) if name == "trace" else lead
    with reading(lead.client.application.extensions["records"], monkeypatch) as found:
        request(who)
    assert len(found.replays) == 1
