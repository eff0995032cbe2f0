"""What numbers count, and that a small group is not among them."""

import pytest
from sqlalchemy import select
from support.casework import counted_cases
from support.casework.recorded_assessments import recorded
from support.rulesets.shipped import favourable
from support.storage.databases import People

from screening.core.results.decision import Decision
from screening.core.values.answer import Answer
from screening.records.access import Actor, Role
from screening.records.errors import NoCaseError, NotAllowedError
from screening.records.ledger.events import EventKind
from screening.records.ledger.records import Records
from screening.records.results.statistics import BANDS, EARLIER, Numbers, Share, read_numbers
from screening.records.storage.tables import EventRow


@pytest.fixture
def lead(people: People) -> Actor:
    return people.actor(Role.LEAD_NURSE, name="Lena Lead")


def share(found: tuple[Share, ...], name: str) -> tuple[int | None, int | None]:
    (one,) = (each for each in found if each.id == name)
    return one.count, one.of


def test_each_case_counts_once_by_its_newest_result(records: Records, lead: Actor) -> None:
    cases = counted_cases.results(records, lead, 6)
    open_ones = counted_cases.results(records, lead, 5, counted_cases.unknown("pain_severity"))
    recorded(records, lead, cases[0])
    found = read_numbers(records, lead)
    assert share(found.unknown, "pain_severity") == (5, 11)
    assert share(found.unknown, "leg_weakness") == (0, 11)
    assert share(found.hit, "severe_pain") == (6, 11)
    assert found.outcomes.total == len(cases) + len(open_ones)
    assert found.outcomes.count("2026-11", "met") == 6


def test_what_is_older_than_a_year_is_told_together(records: Records, lead: Actor) -> None:
    counted_cases.results(records, lead, 5)
    counted_cases.days_later(records, 400)
    assert read_numbers(records, lead).outcomes.count(EARLIER, "met") == 5


def test_decisions_overrides_and_chases_fall_into_bands_of_days(
    records: Records, lead: Actor
) -> None:
    cases = counted_cases.results(records, lead, 11)
    counted_cases.days_later(records, 10)
    for case_id in cases[:6]:
        counted_cases.decide(records, lead, case_id, Decision.DO_NOT_REFER, "patient-declined")
    for case_id in cases[6:]:
        counted_cases.decide(records, lead, case_id, Decision.OVERRIDE, "against-not-asked")
    for case_id in cases:
        counted_cases.chase(records, lead, case_id, "disc_pain", "arthritis_pain")
    counted_cases.days_later(records, 100)
    found = read_numbers(records, lead)
    assert found.overrides.count("against-not-asked") == 5
    assert found.overrides.total == 5
    assert found.deciding.count(str(BANDS.index(14))) == 11
    assert found.chasing.count(str(len(BANDS))) == 11


def test_asking_for_more_settles_nothing(records: Records, lead: Actor) -> None:
    for case_id in counted_cases.results(records, lead, 5):
        counted_cases.decide(records, lead, case_id, Decision.ASK_MORE, "clinician-asked")
    assert read_numbers(records, lead).deciding.total == 0


def test_a_small_group_is_not_shown_nor_what_would_give_it_away(
    records: Records, lead: Actor
) -> None:
    counted_cases.results(records, lead, 8)
    counted_cases.results(records, lead, 2, counted_cases.unknown("pain_severity"))
    found = read_numbers(records, lead)
    assert share(found.unknown, "pain_severity") == (None, 10)
    assert share(found.unknown, "leg_weakness") == (0, 10)
    assert [group.count for group in found.outcomes.groups] == [None, None]


def test_of_few_cases_nothing_is_shown(records: Records, lead: Actor) -> None:
    counted_cases.results(records, lead, 4)
    found = read_numbers(records, lead)
    assert counts(found) == {None}


def counts(found: Numbers) -> set[int | None]:
    shares = {each.count for each in (*found.unknown, *found.hit)}
    return shares | {each.count for each in found.outcomes.groups}


def test_a_question_that_few_were_not_asked_is_not_given_away_by_the_others(
    records: Records, lead: Actor
) -> None:
    """Beside the number of all cases, that of those who were asked tells the rest."""
    counted_cases.results(records, lead, 8)
    asked = {**favourable(), "disc_herniation": Answer(value=True)}
    counted_cases.results(records, lead, 3, asked)
    assert share(read_numbers(records, lead).unknown, "disc_pain") == (None, None)


def test_only_cases_of_the_persons_sites_count(
    records: Records, lead: Actor, people: People
) -> None:
    counted_cases.results(records, lead, 5)
    other = people.actor(Role.LEAD_NURSE, sites=("South",), name="Sue South")
    counted_cases.results(records, other, 7)
    assert read_numbers(records, lead).outcomes.total == 5
    assert read_numbers(records, other).outcomes.total == 7
    with pytest.raises(NoCaseError):
        read_numbers(records, lead, people.site("South"))


def test_one_site_beside_the_others_gives_no_small_group_away(
    records: Records, lead: Actor, people: People
) -> None:
    south = people.actor(Role.LEAD_NURSE, sites=("South",), name="Sue South")
    both = people.actor(Role.AUDITOR, sites=("North", "South"), name="Aud Itor")
    for actor, unknown in ((lead, 9), (south, 2)):
        counted_cases.results(records, actor, 9)
        counted_cases.results(records, actor, unknown, counted_cases.unknown("pain_severity"))
    seen = [read_numbers(records, both, site) for site in (None, *sorted(both.sites))]
    assert [share(each.unknown, "pain_severity")[0] for each in seen] == [11, None, None]
    assert [each.outcomes.total for each in seen] == [29, 18, 11]
    assert [share(each.unknown, "leg_weakness")[0] for each in seen] == [0, 0, 0]


@pytest.mark.parametrize("role", [Role.NURSE, Role.ADMINISTRATOR])
def test_others_read_no_numbers(records: Records, people: People, role: Role) -> None:
    with pytest.raises(NotAllowedError):
        read_numbers(records, people.actor(role))


def test_each_reading_is_an_event(records: Records, lead: Actor) -> None:
    (site,) = lead.sites
    read_numbers(records, lead)
    read_numbers(records, lead, site)
    with records.database.reading() as session:
        chosen = select(EventRow).where(EventRow.kind != "record-added")  # a person and a site
        events = session.scalars(chosen.order_by(EventRow.seq)).all()
    kind = EventKind.NUMBERS_READ.value
    assert [(each.kind, each.by, each.row) for each in events] == [
        (kind, lead.id, ""),
        (kind, lead.id, f"sites/{site}"),
    ]


def test_cases_are_read_in_portions(
    records: Records, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.records.results.statistics.PORTION", 2)
    monkeypatch.setattr("screening.records.results.content.PORTION", 2)
    for case_id in counted_cases.results(records, lead, 7):
        counted_cases.decide(records, lead, case_id, Decision.REFER, "requirements-met")
    found = read_numbers(records, lead)
    assert (found.outcomes.total, found.deciding.total) == (7, 7)
