"""The picture of how an outcome is reached: every step in order, and told in words as well."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from support.pages.page_reader import Page
from support.rulesets import shipped
from support.rulesets.builders import criterion, item, ruleset, yes

from screening.core.rules.ruleset import Tier
from screening.web.rules.outcome_diagram import draw_outcomes

RULES = shipped.ruleset()


def svg(html: str) -> str:
    found = re.search(r'<svg class="diagram".*?</svg>', html, re.DOTALL)
    assert found
    return found[0]


def test_it_shows_every_step_its_number_of_criteria_and_its_outcome() -> None:
    picture = draw_outcomes(RULES)
    asked = [" ".join(line.words for line in step.asks) for step in picture.steps]
    count = Counter(each.tier for each in RULES.criteria)
    assert asked == [
        f"Emergency sign Is any of the {count[Tier.EMERGENCY]} met?",
        f"Needs clinician review Is any of the {count[Tier.URGENT]} met?",
        f"Reason against Is any of the {count[Tier.EXCLUSION]} met?",
        f"Requirement Is any of the {count[Tier.REQUIRED]} not met?",
        f"Description Is any of the {count[Tier.DESCRIBED]} not met?",
        f"Caution Is any of the {count[Tier.CAUTION]} met?",
        "Otherwise None of the above",
    ]
    led = [" ".join(line.words for line in step.leads) for step in picture.steps]
    for outcome, words in zip(RULES.outcomes, led, strict=True):
        good = " favourable" if outcome.id in RULES.favourable else ""
        assert words == outcome.name + good


def test_the_side_branch_leads_to_the_open_outcome() -> None:
    words = " ".join(line.words for line in draw_outcomes(RULES).still_open)
    assert words.startswith("More information needed While missing answers")
    assert draw_outcomes(replace(RULES, open_outcome=None)).still_open == ()


def test_steps_follow_each_other_without_touching() -> None:
    picture = draw_outcomes(RULES)
    assert all(one.bottom < other.top for one, other in pairwise(picture.steps))
    assert picture.steps[-1].bottom < picture.open_top < picture.height


def test_long_names_are_broken_and_keep_to_their_box() -> None:
    rules = ruleset([item("a")], [criterion("one", Tier.CAUTION, yes("a"))])
    long = replace(rules.outcomes[0], name="Donaudampfschifffahrtsgesellschaft is far too long")
    step = draw_outcomes(replace(rules, outcomes=(long, *rules.outcomes[1:]))).steps[0]
    assert "".join(line.words for line in step.leads).startswith(long.name.partition(" ")[0])
    assert all(len(line.words) <= 15 for line in step.leads)
    assert step.top < step.leads[0].y
    assert step.leads[-1].y < step.bottom


def test_it_is_an_image_with_a_title_and_a_description(html: str) -> None:
    picture = svg(html)
    assert 'role="img" aria-labelledby="diagram-title diagram-desc"' in picture
    assert '<title id="diagram-title">How an outcome is reached</title>' in picture
    assert "7 steps from top to bottom" in picture


def test_it_needs_no_style_sheet(html: str) -> None:
    for shape in re.findall(r"<(?:rect|path|text)\b[^>]*>", svg(html)):
        assert " fill=" in shape
    assert "<style" not in svg(html)


def test_the_list_beside_it_says_the_same(html: str) -> None:
    found = re.search(r'<ol class="steps">.*?</ol>', html, re.DOTALL)
    assert found
    said = Page(found[0]).text.lower().replace(" :", ":")
    for step in draw_outcomes(RULES).steps:
        name, question = step.asks[0].words, step.asks[-1].words
        assert name.lower() in said
        assert question.lower().rstrip("?") in said
        assert step.outcome.name.lower() in said
