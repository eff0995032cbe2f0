"""Each emergency and urgent question has the patient's own words for its worse answer."""

import pytest
from support.rulesets import shipped

from screening.core.rules.item import Item
from screening.core.rules.ruleset import GRAVE

_READ = frozenset[str]().union(*(shipped.ruleset().items_of(tier) for tier in GRAVE))
_ITEMS = [item for link_id, item in shipped.ruleset().items.items() if link_id in _READ]
ELSEWHERE = {"imaging_result", "cause"}
"""They only rule something out: no answer to them is a sign."""
SIGNS = [item for item in _ITEMS if item.link_id not in ELSEWHERE]


@pytest.mark.parametrize("item", SIGNS, ids=lambda item: item.link_id)
def test_each_sign_is_said_in_the_first_person(item: Item) -> None:
    words = f" {item.sign} ".replace("-", " ")
    assert item.sign.endswith(".")
    assert any(own in words for own in (" I ", " my ", " My ", " me ", " A scan "))


@pytest.mark.parametrize(
    "item", [each for each in SIGNS if not each.can_wait], ids=lambda item: item.link_id
)
def test_each_sign_in_doubt_is_said_in_the_first_person(item: Item) -> None:
    assert item.unsure.startswith(("I am not sure ", "I do not know "))
    assert item.unsure.endswith(".")
