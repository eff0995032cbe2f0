"""Evidence, heads and the ledger's verdict, as an auditor takes them from the pages."""

import json
from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from support.casework.screened_cases import Screened
from support.pages.page_reader import Page
from support.pages.pdf_checker import pdf_ua_faults
from support.people import worklist_people
from support.people.web_people import casework_app

from screening.records.access import Actor
from screening.records.ledger.records import Records
from screening.records.ledger.signed_head import Head, HeadError, Signer, Verifier, read_head
from screening.records.operation.head_check import HeadCollection
from screening.records.results.evidence import verify_evidence
from screening.records.verification.verdict import Verdict
from screening.records.verification.verify import verify_ledger
from screening.records.witness.heads import LedgerSigner
from screening.web.audit import ledger
from screening.web.shell.long_work import Watch

Client = Callable[..., FlaskClient]


@pytest.fixture
def with_settings(screened: Screened, auditor: Actor) -> Client:
    """The auditor's browser at an application with other settings."""

    def made(**config: object) -> FlaskClient:
        app = casework_app(screened.records, WTF_CSRF_ENABLED=False, **config)
        return worklist_people.signed_in(app, auditor)

    return made


def test_evidence_proves_itself(client: FlaskClient, screened: Screened, signer: Signer) -> None:
    answer = client.get(f"/audit/{screened.cases[0]}/1/evidence.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=evidence-1.json"
    assert all(step.holds for step in verify_evidence(answer.data, signer.verifier))
    changed = answer.data.replace(b'"as_of":"2026', b'"as_of":"2025')
    assert changed != answer.data
    assert not all(step.holds for step in verify_evidence(changed, signer.verifier))


def test_the_paper_has_the_digests_of_the_file_and_says_how_to_verify(
    client: FlaskClient, screened: Screened, signer: Signer
) -> None:
    case = screened.cases[0]
    data = json.loads(client.get(f"/audit/{case}/1/evidence.json").data)
    answer = client.get(f"/audit/{case}/1/evidence.pdf")
    assert answer.mimetype == "application/pdf"
    assert pdf_ua_faults(answer.data) == []
    reader = PdfReader(BytesIO(answer.data))
    words = "".join("".join(page.extract_text() for page in reader.pages).split())
    row = data["assessment"]["row"]
    for told in (
        row["content_digest"],
        row["ruleset_digest"],
        data["assessment"]["event"]["digest"],
        signer.verifier.write(),
        case,
        "screeningverifyevidence-1.json--keyKEY",
        "Whynot" if "Whynot" in words else "Howtoverify",
    ):
        assert told in words, told
    assert "DOESNOTHOLD" not in words
    assert "AnnExample" not in words


def test_without_a_key_the_pages_say_so(with_settings: Client, screened: Screened) -> None:
    def broken() -> Signer:
        raise HeadError("no key")

    for client in (with_settings(), with_settings(SIGNER=broken)):
        case = screened.cases[0]
        assert "cannot sign heads or evidence" in Page(client.get(f"/audit/{case}/1/").text).text
        for way in (f"/audit/{case}/1/evidence.json", f"/audit/{case}/1/evidence.pdf"):
            answer = client.get(way)
            assert answer.status_code == 503
            assert "cannot sign heads or evidence" in Page(answer.text).text
        assert client.get("/audit/ledger/head.jsonl").status_code == 503
        assert "cannot sign heads or evidence" in Page(client.get("/audit/ledger").text).text


def test_of_a_large_ledger_the_command_is_told(
    with_settings: Client, screened: Screened, signer: Signer
) -> None:
    client = with_settings(SIGNER=lambda: LedgerSigner(screened.records, signer), MOST_EVENTS=10)
    case = screened.cases[0]
    assert "screening ledger verify" in Page(client.get("/audit/ledger").text).text
    answer = client.get("/audit/ledger/verify")
    assert answer.status_code == 503
    assert f"screening evidence {case} 1 FILE" in Page(client.get(f"/audit/{case}/1/").text).text
    assert client.get(f"/audit/{case}/1/evidence.json").status_code == 503


def test_a_head_is_good_and_of_the_ledger_as_it_is(
    client: FlaskClient, screened: Screened, signer: Signer
) -> None:
    answer = client.get("/audit/ledger/head.jsonl")
    assert answer.text.count("\n") == 1
    head = read_head(answer.text)
    assert signer.verifier.accepts(head)
    client.get("/audit/ledger")
    verdict = verify_ledger(screened.records, [head], signer.verifier)
    assert (verdict.faults, verdict.heads) == ([], 1)
    assert verdict.events == head.size + 1


def test_the_verdict_tells_what_was_read_and_what_only_a_witness_finds(
    client: FlaskClient, screened: Screened, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "record_event", lambda *_: None)  # or the next reads one event more
    read = Page(client.get("/audit/ledger/verify").text).text
    verdict = verify_ledger(screened.records)
    assert f"{verdict.events:,} events follow one another without a gap" in read
    assert f"{verdict.rows:,} rows are as they were written" in read
    assert "The database alone cannot show" in read
    assert verdict.root in read
    assert signer.verifier.write() in read


@pytest.mark.parametrize("outside", [False, True])
def test_the_verdict_compares_the_heads_and_says_whether_anybody_outside_vouches(
    with_settings: Client, screened: Screened, signer: Signer, *, outside: bool
) -> None:
    source = LedgerSigner(screened.records, signer)
    kept = (source.head(),)
    known = HeadCollection(outside=kept) if outside else HeadCollection(own=kept)
    client = with_settings(SIGNER=lambda: source, HEADS=lambda: known)
    read = Page(client.get("/audit/ledger/verify").text).text
    assert f"confirm events 1 to {kept[0].size}" in read
    assert ("NO OUTSIDE WITNESS CONFIRMS" in read) is not outside
    cut = signer.sign(size=10**6, root=kept[0].root, last=kept[0].last, at=kept[0].at)
    client = with_settings(SIGNER=lambda: source, HEADS=lambda: HeadCollection(own=(cut,)))
    assert "ledger-cut" in client.get("/audit/ledger/verify").text


def test_the_verdict_has_an_address_that_can_be_opened_again(client: FlaskClient) -> None:
    """It writes nothing but that somebody looked: to reload it sends no form again."""
    (form,) = [
        form
        for form in Page(client.get("/audit/ledger").text).forms
        if "Verify the ledger" in form.buttons
    ]
    assert (form.method, form.action, form.fields) == ("get", "/audit/ledger/verify", [])
    for _ in range(2):
        answer = client.get(form.action)
        assert answer.status_code == 200
        assert "No faults found" in answer.text
    assert client.post(form.action).status_code == 405


@pytest.mark.parametrize("address", ["/audit/ledger/verify", "/audit/ledger/head.jsonl"])
def test_the_ledger_is_verified_for_one_at_a_time(
    client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second request while the first one reads the ledger is answered at once."""
    inner: list[int] = []

    def verify_while_another_asks(
        kept: Records,
        heads: Sequence[Head] = (),
        verifier: Verifier | None = None,
        watch: Watch | None = None,
    ) -> Verdict:
        other = client.application.test_client()
        with client.session_transaction() as session, other.session_transaction() as seen:
            seen.update(session)
        answer = other.get(address)
        inner.append(answer.status_code)
        assert "busy with another long task" in answer.text
        return verify_ledger(kept, heads, verifier, watch)

    monkeypatch.setattr("screening.web.audit.ledger.verify_ledger", verify_while_another_asks)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.text
    assert inner == [503]
    monkeypatch.undo()
    assert client.get(address).status_code == 200
