from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from support.pages.page_reader import Page
from support.rulesets import shipped

from screening.core.values.citation import Citation
from screening.web.shell.passages import text_fragment, web_address


def test_the_first_page_has_a_door_for_each(client: FlaskClient) -> None:
    assert {"/patient/", "/nurse/"} <= set(Page(client.get("/").text).links)


def test_every_document_is_listed_with_what_kind_it_is(client: FlaskClient) -> None:
    page = Page(client.get("/sources/").text)
    for source in shipped.ruleset().sources.values():
        assert source.title in page.text
        assert source.kind.casefold() in page.text.casefold()
        assert f"/sources/{source.id}" in page.links


@pytest.mark.parametrize("source_id", shipped.ruleset().sources)
def test_a_document_shows_every_phrase_with_what_rests_on_it(
    client: FlaskClient, source_id: str
) -> None:
    page = Page(client.get(f"/sources/{source_id}").text)
    source = shipped.ruleset().sources[source_id]
    verified = source.sha256 or "The words could not be verified by machine"
    assert verified in page.text
    for criterion in shipped.ruleset().criteria:
        for citation in criterion.citations:
            if citation.source == source_id:
                assert citation.quote in page.text
                assert criterion.say.nurse in page.text
                assert not source.address or source.address + text_fragment(citation) in page.links


def test_every_disagreement_is_told_with_all_sides(client: FlaskClient) -> None:
    text = Page(client.get("/disagreements").text).text
    for disagreement in shipped.ruleset().disagreements:
        assert disagreement.topic.nurse in text
        for position in disagreement.positions:
            assert position.say.nurse in text
            assert all(citation.quote in text for citation in position.citations)


def test_every_silence_is_told(client: FlaskClient) -> None:
    text = Page(client.get("/silent").text).text
    assert all(topic.say.nurse in text for topic in shipped.ruleset().silent_on.values())


def test_about_names_limits_version_and_digest(client: FlaskClient) -> None:
    text = Page(client.get("/about").text).text
    rules = shipped.ruleset()
    for words in ("no diagnosis", "not for emergencies", "medical device", "do not store"):
        assert words in text
    assert rules.version in text
    assert rules.digest in text


@pytest.mark.parametrize(
    ("citation", "fragment"),
    [
        (Citation(source="x", heading="", quote="two words"), "#:~:text=two%20words"),
        (Citation(source="x", heading="", quote="a-b, c&d"), "#:~:text=a%2Db%2C%20c%26d"),
        (
            Citation(source="x", heading="", quote="q", prefix="be-fore ", suffix=" after"),
            "#:~:text=be%2Dfore-,q,-after",
        ),
    ],
)
def test_a_link_leads_to_the_words(citation: Citation, fragment: str) -> None:
    assert text_fragment(citation) == fragment


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "ftp://x"])
def test_only_a_web_address_becomes_a_link(address: str) -> None:
    source = next(iter(shipped.ruleset().sources.values()))
    assert web_address(replace(source, address=address)) is None


def test_no_page_shows_the_two_claims_that_are_never_shown(client: FlaskClient) -> None:
    for address in ("/", "/sources/spinenation", "/sources/colorado", "/disagreements", "/about"):
        text = client.get(address).text
        assert "34%" not in text
        assert "15% loss" not in text


def test_every_inner_link_leads_somewhere(client: FlaskClient) -> None:
    seen: set[str] = set()
    todo = ["/"]
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        todo += [link for link in Page(answer.text).links if link.startswith("/")]
    assert len(seen) > 10


def test_every_link_within_a_page_has_its_target(client: FlaskClient) -> None:
    for address in ("/", "/patient/", "/nurse/", "/about"):
        page = Page(client.get(address).text)
        targets = {link[1:] for link in page.links if link.startswith("#")}
        assert targets <= set(page.ids), address
        assert len(page.ids) == len(set(page.ids)), address
