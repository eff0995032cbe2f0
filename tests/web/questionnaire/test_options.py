"""The options side by side: the same rows for each, every word with its source, none preferred."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.rulesets import shipped

from screening.core.rules.option import OPTION_ROWS, WRITER_ROWS, Option, Writer, statements
from screening.web import create_app

OPTIONS = shipped.ruleset().options
WRITERS = shipped.ruleset().writers
NAMES = ["A back brace", "Kyphoplasty", "Medicines", "Vertebroplasty"]
NAMES.append("Waiting, with neither treatment")
PREFERS = re.compile(
    r"\b(best|better (?:choice|option|than)|worse than|safer|safest|should (?:have|choose|take|get)"
    r"|recommend\w*|advise[sd]?|prefer\w*|ideal|superior|inferior|right choice|worth)\b",
    re.IGNORECASE,
)
OWN = ("left_out", "ask")
"""The rows of our own words: gaps, and questions about them."""


WORDS = {"es": "Las opciones, una al lado de otra", "ar": "الخيارات جنبًا إلى جنب"}
ORDER = {
    "es": [
        "Cifoplastia",
        "Esperar, sin ninguno de los dos tratamientos",
        "Medicinas",
        "Un corsé para la espalda",
        "Vertebroplastia",
    ],
    "ar": [
        "الأدوية",
        "الانتظار، من دون أي من العلاجين",
        "حزام الظهر",
        "رأب الفقرات",
        "رأب الفقرات بالبالون",
    ],
}


@pytest.fixture
def html(client: FlaskClient) -> str:
    return client.get("/options/").text


def test_each_option_is_there_in_the_order_of_the_alphabet(html: str) -> None:
    assert names(html) == NAMES


def names(html: str) -> list[str]:
    table = html.split('<table class="options">')[1].split("</thead>", maxsplit=1)[0]
    return re.findall(r'<th scope="col">(.*?)</th>', table)


def test_every_row_has_every_option_by_its_name(html: str) -> None:
    table = html.split('<table class="options">')[1].split("</table>", maxsplit=1)[0]
    rows = table.split("<tr id=")[1:]
    assert len(rows) == len(OPTION_ROWS)
    for row in rows:
        assert re.findall(r'<h2 class="options__label">(.*?)<span', row) == NAMES
        heading = re.findall(r'<th scope="row" class="options__head">(.*?)</th>', row)
        assert set(re.findall(r"hidden\">: (.*?)</span></h2>", row)) == {*heading}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.id)
def test_a_statement_has_a_passage_or_names_a_gap(option: Option) -> None:
    assert [
        statement.say.patient
        for name in OPTION_ROWS
        if name not in OWN
        for statement in option.row(name)
        if not statement.citations
    ] == []


@pytest.mark.parametrize("name", OWN)
def test_gaps_and_questions_are_as_many_for_each_option(name: str) -> None:
    assert {len(option.row(name)) for option in OPTIONS} == {3}


def test_a_row_on_which_the_pages_are_silent_says_so(html: str) -> None:
    silent = sum(not option.row(name) for option in OPTIONS for name in OPTION_ROWS)
    assert silent > 0
    assert Page(html).text.count("The 5 pages say nothing about this.") == silent


def test_every_statement_is_shown_with_its_passages_and_their_writers(html: str) -> None:
    text = Page(html).text
    writers = {each.id: each.name.patient for each in WRITERS}
    for _, statement in statements((*OPTIONS, *WRITERS)):
        assert statement.say.patient in text
        for citation in statement.citations:
            assert citation.quote in text
            assert writers[citation.source] in text


def test_beside_each_page_stands_who_wrote_it_what_it_offers_and_who_paid(html: str) -> None:
    table = html.split("options--writers")[1].split("</table>", maxsplit=1)[0]
    rows = table.split("<tr>")[2:]
    assert len(rows) == len(WRITERS)
    assert all(row.count("<td>") == len(WRITER_ROWS) for row in rows)
    assert table.count("The page does not say.") == sum(not each.paid for each in WRITERS)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.id)
def test_a_page_that_advertises_is_marked_in_its_name(writer: Writer) -> None:
    source = shipped.ruleset().sources[writer.id]
    assert ("advertising" in source.kind) == writer.name.patient.endswith("(ad)")


def test_no_word_prefers_an_option(html: str) -> None:
    said = [each.say.patient for _, each in statements(OPTIONS)]
    said += [each.name.patient for each in OPTIONS]
    assert [text for text in said if PREFERS.search(text)] == []
    own = re.sub(r"<(details|style).*?</\1>", "", html, flags=re.DOTALL)
    found = [each.group() for each in PREFERS.finditer(Page(own).text)]
    assert found == ["best"], "only: this page does not say which one is best for you"


def test_a_figure_is_a_claim_of_a_page() -> None:
    figures = [
        each.say.patient
        for _, each in statements(OPTIONS)
        if re.search(r"\d+ (?:in|of) 100|percent|%", each.say.patient)
    ]
    assert figures
    assert [text for text in figures if "claim" not in text] == []


@pytest.mark.parametrize("figure", ["34%", "39%", "15% loss"])
def test_figures_that_do_not_hold_together_are_not_shown(html: str, figure: str) -> None:
    assert figure not in html


def test_a_disagreement_is_linked_where_it_touches_and_shown_with_all_sides(html: str) -> None:
    page, rules = Page(html), shipped.ruleset()
    touched = {
        topic.id for _, each in statements(OPTIONS) for topic in rules.disagreements_on(each)
    }
    assert {"new_fractures", "risk", "anaesthesia", "cement_leak", "height", "success"} <= touched
    for topic in rules.disagreements:
        assert (f"#topic-{topic.id}" in page.links) == (topic.id in touched)
        if topic.id in touched:
            assert all(position.say.patient in page.text for position in topic.positions)


def test_links_within_the_page_have_their_targets(html: str) -> None:
    page = Page(html)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_page_says_when_it_was_written_and_when_it_is_read_again(html: str) -> None:
    text = Page(html).text
    part = shipped.ruleset().parts[0]
    assert f"{part.effective_from.day} {part.effective_from:%B %Y}" in text
    assert f"{part.review_by.day} {part.review_by:%B %Y}" in text


@pytest.mark.parametrize("name", OPTION_ROWS)
def test_options_of_a_kind_are_described_in_like_detail(name: str) -> None:
    """Cement by cement, and the rest by the rest: the pages say too little of the rest for more."""
    words = {
        option.id: sum(len(each.say.patient.split()) for each in option.row(name))
        for option in OPTIONS
    }
    cement = sorted([words.pop("kyphoplasty"), words.pop("vertebroplasty")])
    assert cement[1] <= 1.25 * cement[0]
    rest = sorted(count for count in words.values() if count)
    assert not rest or rest[-1] <= 2.1 * rest[0]
    if name in OWN:
        assert max(rest[-1], cement[1]) <= 1.5 * min(rest[0], cement[0])


@pytest.mark.parametrize("tag", [*WORDS])
def test_every_word_of_ours_is_in_the_language(client: FlaskClient, tag: str) -> None:
    html = client.get("/options/", query_string={"language": tag}).text
    text = Page(html).text
    context = client.application.extensions["languages"][tag].context
    assert f'<html lang="{tag}"' in html
    assert WORDS[tag] in text
    for (_, said), (_, english) in zip(
        statements((*context.ruleset.options, *context.ruleset.writers)),
        statements((*OPTIONS, *WRITERS)),
        strict=True,
    ):
        assert said.say.patient in text
        assert said.say.patient != english.say.patient
        assert english.say.patient not in text
        assert said.citations == english.citations
    assert '<span lang="en"' not in html.split("<h1")[1].split("</main>")[0]


@pytest.mark.parametrize("tag", [*WORDS])
def test_quotations_stay_in_english_and_are_marked(client: FlaskClient, tag: str) -> None:
    html = client.get("/options/", query_string={"language": tag}).text
    quotes = re.findall(r"<blockquote><p>(.*?)</p>", html)
    assert len(quotes) > len(OPTIONS)
    assert all(each.startswith('<bdi lang="en" dir="ltr">') for each in quotes)
    assert all('<bdi lang="en" dir="ltr">' in each for each in re.findall("<cite>.*?</cite>", html))


@pytest.mark.parametrize("tag", [*WORDS])
def test_the_order_is_that_of_the_alphabet_of_the_language(client: FlaskClient, tag: str) -> None:
    html = client.get("/options/", query_string={"language": tag}).text
    assert names(html) == ORDER[tag]


@pytest.mark.parametrize("tag", [*WORDS])
def test_links_keep_the_language(client: FlaskClient, tag: str) -> None:
    """From the start to the options, on to what is in English only, and back."""
    start = Page(client.get("/patient/", query_string={"language": tag}).text)
    assert f"/options/?language={tag}" in start.links
    links = Page(client.get("/options/", query_string={"language": tag}).text).links
    assert {f"/options/?language={each}" for each in ("en", *WORDS)} <= set(links)
    assert f"/patient/?language={tag}" in links
    english = [link.partition("#")[0] for link in links if link.startswith(("/sources", "/dis"))]
    assert english
    for address in {*english, f"/about?language={tag}", f"/silent?language={tag}"}:
        assert address.endswith(f"?language={tag}")
        html = client.get(address).text
        assert '<html lang="en">' in html
        notice = re.search(rf'<aside class="unchecked" lang="{tag}".*?</aside>', html, re.DOTALL)
        assert notice
        assert f"/options/?language={tag}" in notice.group()
        assert f"/patient/?language={tag}" in notice.group()


def test_who_reads_english_sees_no_notice(client: FlaskClient) -> None:
    for query in ({}, {"language": "en"}, {"language": "xx"}):
        assert "<aside" not in client.get("/sources/", query_string=query).text


def test_it_takes_no_answers(client: FlaskClient) -> None:
    assert client.post("/options/", data={"q-age": "76"}).status_code == 405


def test_the_first_pages_lead_to_it_and_lose_no_answer(client: FlaskClient) -> None:
    assert "/options/?language=en" in Page(client.get("/patient/").text).links
    assert "/options/" in Page(client.get("/about").text).links
    back = {"at": "leg_weakness", "action": "back", "q-leg_weakness": "no"}
    start = client.post("/patient/question", data=back).text
    link = re.search(r'<a href="/options/[^"]*"[^>]*>', start)
    assert link
    assert 'target="_blank"' in link.group()


def test_rules_without_options_have_no_such_page() -> None:
    rules = replace(shipped.ruleset(), options=(), writers=())
    client = create_app(rules, TODAY=shipped.as_of).test_client()
    assert client.get("/options/").status_code == 404
    for address in ("/patient/", "/about"):
        assert "/options/" not in client.get(address).text
