"""A result that can come out only one way says so, and until when what is recent still is."""

import datetime as dt

from support.people.case_people import Nurse, assessed, row_of

from screening.core.rules.condition import Unit, add_time
from screening.web.forms.fields import DAY_PARTS
from screening.web.shell.context import PageContext
from screening.words.shared.days import words_of_day

NOT_KNOWN = "asked-unknown"
CANNOT = "Cannot come out favourable"
DATES = ("onset_date", "diagnosis_date", "imaging_date")
DONE = "what counts is the day of the procedure."


def test_the_headline_says_that_nothing_favourable_can_come_out_with_the_gravest_reason_first(
    nora: Nurse,
) -> None:
    assessed(nora, scoliosis="yes", pain_severity="mild", saddle_numbness=NOT_KNOWN)
    page = nora.page("assessments/1")
    (headline,) = (each for each in page.headings_of("h2") if each.startswith(CANNOT))
    assert headline.index("Scoliosis") < headline.index("pain is not severe")
    assert page.text.index("not ruled out: Saddle numbness") < page.text.index(headline)
    assert headline in nora.page("assessments/1/letter").text
    assert f"More information needed. {CANNOT}" in row_of(nora)
    nora.answer(age="75")
    assert CANNOT not in row_of(nora)


def test_an_open_result_is_not_headed_by_favourable_either_way(nora: Nurse) -> None:
    assessed(nora, blood_thinners=NOT_KNOWN)
    page = nora.page("assessments/1")
    assert not [each for each in page.headings_of("h2") if "Favourable" in each]
    assert "More information needed Favourable either way. Still possible:" in page.text
    assert "Favourable either way" in row_of(nora)


def test_the_closing_day_is_said_with_the_result_and_in_the_lists(nora: Nurse) -> None:
    context: PageContext = nora.client.application.extensions["page_context"]
    onset = context.today() - dt.timedelta(days=9)
    days = {f"{each}-{part}": str(getattr(onset, part)) for each in DATES for part in DAY_PARTS}
    assessed(nora, scoliosis=NOT_KNOWN, **days)
    closing = words_of_day(add_time(onset, 2, Unit.MONTHS))
    said = f"The time window ends on {closing}; {DONE}"
    for way in ("assessments/1", "assessments/1/letter"):
        assert said in nora.page(way).text, way
    assert f"time window ends on {closing}" in row_of(nora)
    assert f"time window ends on {closing}" in row_of(nora, "chase")


def test_no_day_is_said_where_nothing_depends_on_it(nora: Nurse) -> None:
    assessed(nora, **{f"{each}-{part}": "" for each in DATES for part in DAY_PARTS})
    assert "time window" not in nora.page("assessments/1").text
    assert "time window" not in row_of(nora)
