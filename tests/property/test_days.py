"""Dates known as spans, and dates in an order, keep their laws on random cases."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.oracles.day_laws import DATES, DAY_LAWS, Case, cases, judged, worlds

from screening.core.values.answer import Answer
from screening.core.values.truth import Truth

exactly = settings(max_examples=60, database=None)


@pytest.mark.parametrize("law", DAY_LAWS, ids=lambda law: law.__name__)
def test_a_law_of_days_holds(law: Callable[[Case], None]) -> None:
    exactly(given(cases())(law))()


@exactly
@given(cases(), st.data())
def test_a_closer_day_never_overturns_what_was_settled(case: Case, data: st.DataObject) -> None:
    link_id = data.draw(st.sampled_from(DATES))
    world = data.draw(st.sampled_from(list(worlds(case)) or [{}]))
    if link_id not in world:
        return
    closer = replace(case, answers={**case.answers, link_id: Answer(value=world[link_id])})
    before, after = judged(case), judged(closer)
    assert not after.contradictions
    assert set(after.possible) <= set(before.possible)
    for old, new in zip(before.findings, after.findings, strict=True):
        assert old.truth in (new.truth, Truth.UNKNOWN)
        if new.truth is Truth.UNKNOWN:
            assert new.finding.needs <= old.finding.needs
