"""A hint calls an option by the name that stands on the page."""

import re

import pytest
from support.rulesets import shipped

from screening.core.rules.item import Item, ItemType
from screening.core.values.wording import Audience
from screening.web.forms.fields import offered_reasons

HINTED = [item for item in shipped.ruleset().items.values() if item.help]


def options(item: Item, audience: Audience) -> set[str]:
    own = {words.to(audience) for words in item.choices.values()}
    plain = {"Yes", "No"} if item.type is ItemType.YES_NO else set[str]()
    return own | plain | set(offered_reasons(item, audience).values())


@pytest.mark.parametrize("item", HINTED, ids=lambda item: item.link_id)
def test_a_hint_for_the_nurse_names_options_as_they_are_called(item: Item) -> None:
    assert item.help
    words = item.help.nurse
    assert "unknown" not in words.lower()
    assert set(re.findall(r'"([^"]+)"', words)) <= options(item, Audience.NURSE)


@pytest.mark.parametrize("item", HINTED, ids=lambda item: item.link_id)
def test_a_hint_for_the_patient_names_what_to_choose_as_it_is_called(item: Item) -> None:
    assert item.help
    chosen = re.findall(r'[Cc]hoose "([^"]+)"', item.help.patient)
    assert set(chosen) <= options(item, Audience.PATIENT)
