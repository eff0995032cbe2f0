"""Words of the field are explained by a tap, and the sources' own words open by one."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from support.pages.page_reader import Page
from support.rulesets import shipped

from screening.core.values.answer import Answer
from screening.web import create_app

Answers = Mapping[str, Answer]
Walk = Callable[[Answers], list[Page]]
Result = Callable[[Answers], Page]

CURVED = {**shipped.favourable(), "scoliosis": Answer(value=True)}
QUOTE = "<blockquote>"


def details_of(page: Page, kind: str) -> list[str]:
    """The HTML of the details of a kind."""
    pattern = rf"<details class=\"[^\"]*\b{kind}\b[^\"]*\">(.*?)</details>"
    return re.findall(pattern, page.html, re.DOTALL)


def at_question(walk: Walk, link_id: str) -> Page:
    return next(each for each in walk(CURVED) if each.hidden("at") == [link_id])


def test_a_question_explains_its_words_and_no_others(walk: Walk) -> None:
    (explained,) = details_of(at_question(walk, "stenosis"), "terms")
    assert Page(explained).text.startswith("Words on this page spinal stenosis The space for")
    assert "Joints are worn" not in explained
    assert details_of(at_question(walk, "age"), "why")
    assert not details_of(at_question(walk, "age"), "terms")


def test_the_sheet_explains_each_word_once(patient_result: Result) -> None:
    (explained,) = details_of(patient_result(CURVED), "terms")
    names = re.findall(r"<dt>(.*?)</dt>", explained)
    assert len(names) == len(set(names))
    assert {"scoliosis", "cement", "antibiotics"} <= set(names)


def test_rules_without_explained_words_have_none_on_their_pages() -> None:
    bare = replace(shipped.ruleset(), terms={})
    app = create_app(bare, TODAY=shipped.as_of, WTF_CSRF_ENABLED=False)
    asked = {"at": "stenosis", "action": "show"}
    page = Page(app.test_client().post("/patient/question", data=asked).text)
    assert page.headings == [bare.items["stenosis"].ask.patient]
    assert "Words on this page" not in page.text


def test_quoted_words_of_a_patient_page_open_by_one_tap(walk: Walk, patient_result: Result) -> None:
    for page in (at_question(walk, "iv_drug_use"), patient_result(CURVED)):
        without = re.sub(r"<details.*?</details>", "", page.html, flags=re.DOTALL)
        assert QUOTE in page.html
        assert QUOTE not in without
    folded = details_of(at_question(walk, "iv_drug_use"), "quoted")
    assert [QUOTE in each for each in folded] == [True]
    assert "What the source says: Agency for Health Care Policy and Research" in folded[0]
