"""The trace page of a kept assessment."""

import json

from flask.testing import FlaskClient
from pagereader import Page
from screenedcases import Screened

from screening.records.evidence import verify_evidence
from screening.records.witness import Signer


def test_smoke(
    client: FlaskClient, screened: Screened, signer: Signer, elsewhere: Screened
) -> None:
    case = screened.cases[0]
    for address in (
        "/audit/",
        f"/audit/{case}/1/",
        f"/audit/cases/{case}/seen",
        "/audit/ledger",
        "/audit/ledger/head.jsonl",
        "/audit/impact",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, (address, Page(answer.text).text)
    made = client.get(f"/audit/{case}/1/evidence.json")
    assert all(step.holds for step in verify_evidence(made.data, signer.verifier))
    assert json.loads(made.data)
    assert client.get(f"/audit/{case}/1/evidence.pdf").data.startswith(b"%PDF")
    assert client.post("/audit/ledger/verify").status_code == 200
