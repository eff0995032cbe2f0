"""The bill of materials has what the lock files pin; an audit says if it found nothing out."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from components import read_components
from jsonschema import Draft7Validator
from sbom import bill

HASHED = {
    "type": "object",
    "required": ["alg", "content"],
    "properties": {
        "alg": {"enum": ["SHA-256", "SHA-384", "SHA-512"]},
        "content": {"pattern": "^([a-f0-9]{64}|[a-f0-9]{96}|[a-f0-9]{128})$"},
    },
}
COMPONENT = {
    "type": "object",
    "required": ["type", "name", "version", "purl", "bom-ref", "hashes"],
    "properties": {
        "type": {"enum": ["application", "library"]},
        "purl": {"pattern": r"^pkg:(pypi|npm)/[\w.%/-]+@[\w.+-]+$"},
        "hashes": {"type": "array", "minItems": 1, "items": HASHED},
    },
}
NEEDED = {
    "type": "object",
    "required": ["bomFormat", "specVersion", "serialNumber", "version", "metadata", "components"],
    "properties": {
        "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.6"},
        "serialNumber": {"pattern": r"^urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$"},
        "version": {"type": "integer", "minimum": 1},
        "components": {"type": "array", "uniqueItems": True, "items": COMPONENT},
    },
}
"""The rules of CycloneDX 1.6 for what the document has."""


@pytest.fixture(scope="module")
def document() -> Any:  # noqa: ANN401 - JSON
    return json.loads(json.dumps(bill(read_components())))


def test_it_is_what_cyclonedx_asks_for(document: Any) -> None:  # noqa: ANN401 - the same
    assert [each.message for each in Draft7Validator(NEEDED).iter_errors(document)] == []


def test_every_pinned_library_is_in_it_with_its_hashes(root: Path, document: Any) -> None:  # noqa: ANN401 - the same
    lines = (root / "requirements" / "run.txt").read_text("utf-8").splitlines()
    pinned = {line.split()[0] for line in lines if "==" in line.split("#")[0]}
    listed = {f"{each['name']}=={each['version']}" for each in document["components"]}
    assert pinned <= listed
    assert listed - pinned == {
        f"nhsuk-frontend=={each['version']}"
        for each in document["components"]
        if each["name"] == "nhsuk-frontend"
    }
    hashes = [each["content"] for one in document["components"] for each in one["hashes"]]
    assert len(hashes) == sum(line.count("--hash=") for line in lines) + 1


def test_the_same_lock_files_give_the_same_document(document: Any) -> None:  # noqa: ANN401 - the same
    assert bill(read_components()) == document
    assert bill(read_components()[:-1])["serialNumber"] != document["serialNumber"]


class Advisories(BaseHTTPRequestHandler):
    """A service that knows a weakness of one library."""

    weak: ClassVar[str] = "flask"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {
            "results": [
                {"vulns": [{"id": "TEST-1"}]} if each["package"]["name"] == self.weak else {}
                for each in asked["queries"]
            ]
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def service() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def audit(root: Path, service: str) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, str(root / "requirements" / "audit.py"), service]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_an_audit_names_what_is_known(
    root: Path, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = audit(root, service)
    assert found.returncode == 1, found.stderr
    assert "TEST-1" in found.stdout
    assert found.stdout.endswith(" components, 1 known weaknesses.\n")
    monkeypatch.setattr(Advisories, "weak", "none")
    assert audit(root, service).returncode == 0


def test_an_audit_that_reaches_nobody_says_that_nothing_is_known(root: Path) -> None:
    found = audit(root, "http://127.0.0.1:1")
    assert found.returncode == 69
    assert "could not be asked" in found.stderr
    assert found.stdout == ""
