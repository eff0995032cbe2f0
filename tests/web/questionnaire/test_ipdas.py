"""The table of criteria for decision aids: complete, honest, and what it says is met is there."""

from collections import Counter
from itertools import chain

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page

from screening.web.questionnaire.ipdas import ADDRESS, DEGREE_WORDS, GROUPS, Check, Degree

CHECKS = list(chain.from_iterable(GROUPS.values()))


def test_the_groups_are_those_of_the_publication_without_the_criteria_for_screening() -> None:
    assert [len(group) for group in GROUPS.values()] == [6, 10 - 4, 28 - 5]
    assert len({each.criterion for each in CHECKS}) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.criterion)
def test_a_criterion_has_a_degree_and_one_or_two_sentences(check: Check) -> None:
    assert check.degree in DEGREE_WORDS
    assert 1 <= check.reason.count(".") <= 2
    assert check.reason.endswith(".")


@pytest.mark.parametrize(
    "check",
    [each for each in CHECKS if each.degree is not Degree.NOT],
    ids=lambda check: check.criterion,
)
def test_what_is_met_is_on_a_page_that_exists(client: FlaskClient, check: Check) -> None:
    app = client.application
    assert check.shown_by in app.view_functions
    with app.test_request_context():
        address = app.url_for(check.shown_by)
    assert client.get(address).status_code == 200


def test_about_links_each_criterion_to_the_page_that_shows_it(client: FlaskClient) -> None:
    table = client.get("/about").text.split('id="ipdas"')[1].split("</section>", maxsplit=1)[0]
    assert table.count(">See it<") == sum(bool(each.shown_by) for each in CHECKS)


def test_the_health_problem_is_described_on_the_page_of_the_options(client: FlaskClient) -> None:
    text = Page(client.get("/options/").text).text
    thin = "Thin, weak bones are called osteoporosis."
    for words in ("Compression fracture.", thin, "make it hard"):
        assert words in text


def test_what_is_not_met_claims_no_page() -> None:
    assert [each for each in CHECKS if each.degree is Degree.NOT and each.shown_by] == []


def test_about_first_says_that_this_is_no_decision_aid(client: FlaskClient) -> None:
    html = client.get("/about").text
    section = Page(html.split('id="ipdas"')[1]).text
    assert section.index("This is a list of questions to ask, not a decision aid.") < 60
    assert ADDRESS in Page(html).links


def test_about_shows_every_criterion_with_its_degree(client: FlaskClient) -> None:
    html = client.get("/about").text
    table = html.split('id="ipdas"')[1].split("</section>", maxsplit=1)[0]
    said = Page(table).text
    assert all(each.criterion in said and each.reason in said for each in CHECKS)
    counted = Counter(DEGREE_WORDS[each.degree] for each in CHECKS)
    for words, count in counted.items():
        assert table.count(f">{words}<") == count
