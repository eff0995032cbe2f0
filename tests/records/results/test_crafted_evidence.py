"""Whoever signs a file can put anything into it: verifying it ends in a sentence all the same."""

import datetime as dt
import hashlib
import json
import os
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from click.testing import CliRunner
from support.casework.screened_cases import screen
from support.storage.databases import People

from screening.cli import main
from screening.records.access import Role
from screening.records.case.case_view import open_case
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.ledger import merkle
from screening.records.ledger.digests import data_digest
from screening.records.ledger.signed_head import Signer
from screening.records.people.administration import command_line_auditor
from screening.records.results.evidence import MAX_BYTES, make_evidence, verify_evidence
from screening.records.witness.heads import LedgerSigner

pytestmark = pytest.mark.long

SIGNER = Signer.make()
Data = dict[str, Any]
Place = tuple[str | int, ...]
TRIED = 60
SIGNED = 0.03
LONG = bool(os.environ.get("LONG"))
OTHERS: tuple[object, ...] = (
    *(None, True, 0, -1, 2**53 - 1, 1.5, 1e300, "", "x", "\0", "9:x", "2026-13-45", "0001-01-01"),
    *([], {}, [[]], {"a": 1}),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = str(tmp_path_factory.mktemp("screened"))
    records = open_records(Settings.read({"SCREENING_DATA": folder}))
    screened = screen(records, People(records).actor(Role.NURSE))
    source = LedgerSigner(records, SIGNER)
    file = make_evidence(
        open_case(records, command_line_auditor(records), screened.cases[0]), source, 1
    )
    records.database.close()
    return file


@pytest.fixture
def good(made: bytes) -> Data:
    """A good file, of which a test may change what it likes."""
    data: Data = json.loads(made)
    return data


def signed(data: Data) -> bytes:
    """The file that somebody makes of these parts, with a ledger and a key of their own."""
    row, rules = data["assessment"]["row"], data["rules"]["row"]
    row["content_digest"] = hashlib.sha256(rfc8785.dumps(data["content"])).hexdigest()
    peaks, leaves = merkle.Peaks(), []
    for seq, (part, kept) in enumerate((("assessment", row), ("rules", rules)), 1):
        data[part]["event"] |= {"seq": seq, "digest": data_digest(kept, 1)}
        leaves.append(merkle.leaf(rfc8785.dumps(data[part]["event"])))
        peaks.add(leaves[-1])
    data["assessment"]["path"], data["rules"]["path"] = [leaves[1].hex()], [leaves[0].hex()]
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    head = SIGNER.sign(size=2, root=peaks.root().hex(), last="0" * 64, at=at)
    return rfc8785.dumps(data | {"head": head.write(), "key": SIGNER.verifier.write()}) + b"\n"


def places(value: object, path: Place = ()) -> Iterator[Place]:
    """Every place in JSON data."""
    yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from places(part, (*path, number))


def put(value: Any, path: Place, new: object) -> Any:  # noqa: ANN401 - any JSON
    """A copy with something else at a place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


def crafted(good: Data) -> Iterator[tuple[Place, object, bytes]]:
    """Files with one wrong part each, signed as far as they can be."""
    chance = random.Random(10)
    listed = [place for place in places(good) if len(place) < 4]
    deep = [place for place in places(good) if len(place) >= 4]
    for place in [*listed, *chance.sample(deep, TRIED)]:
        for other in OTHERS if LONG else chance.sample(OTHERS, 2):
            data = put(deepcopy(good), place, deepcopy(other))
            yield place, other, rfc8785.dumps(data) + b"\n"
            if not LONG and chance.random() > SIGNED:
                continue  # for some of these, everything is computed again
            try:
                yield place, other, signed(data)
            except (TypeError, KeyError, AttributeError, IndexError):
                continue  # so broken that there is nothing to sign


def test_what_somebody_else_signed_whole_holds_without_the_noted_key(good: Data) -> None:
    """The forger of these tests reaches the very last step."""
    assert all(step.holds for step in verify_evidence(signed(good)))


def test_a_file_that_is_too_large_is_not_read(made: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.records.results.evidence.MAX_BYTES", len(made))
    assert all(step.holds for step in verify_evidence(made))
    monkeypatch.setattr("screening.records.results.evidence.MAX_BYTES", len(made) - 1)
    assert not all(step.holds for step in verify_evidence(made))


def test_no_crafted_part_breaks_the_verification(good: Data) -> None:
    """`make test` tries some values at some places; with LONG=1 all at these places."""
    for place, other, file in crafted(good):
        assert verify_evidence(file), (place, other)


@pytest.mark.parametrize("part", ["assessment", "rules"])
@pytest.mark.parametrize("seq", [0, -1])
def test_evidence_holds_no_event_numbered_below_1(good: Data, part: str, seq: int) -> None:
    good[part]["event"]["seq"] = seq
    (step,) = verify_evidence(rfc8785.dumps(good) + b"\n")
    assert not step.holds


@pytest.mark.parametrize(
    "texts", ["[]", "1", "null", '{"a": 1}', '{"documented": null}', "[" * 9_000, "1" * 9_000]
)
def test_rules_of_another_kind_do_not_hold(good: Data, texts: str) -> None:
    good["rules"]["row"]["texts"] = texts
    assert not verify_evidence(signed(good))[-1].holds


def files(good: Data) -> Iterator[tuple[str, bytes]]:
    """Files by what is wrong with them."""
    file = rfc8785.dumps(good) + b"\n"
    unsigned = put(good, ("head", "signature"), None)
    yield "empty", b""
    yield "truncated", file[: len(file) // 2]
    yield "lists in lists", b"[" * 200_000
    yield "deep and closed", b"[" * 50_000 + b"]" * 50_000
    yield "objects in objects", b'{"a":' * 50_000 + b"1" + b"}" * 50_000
    yield "endless number", b'{"format":' + b"9" * 100_000 + b"}\n"
    yield "number beyond bounds", file.replace(b'"size":', b'"size":1e999,"x":', 1)
    yield "NaN", file.replace(b'"seq":', b'"seq":NaN,"x":', 1)
    yield "surrogate", file.replace(b'"format":"', b'"format":"\\ud800', 1)
    yield "a name twice", file.replace(b'"format":', b'"format":"x","format":', 1)
    yield "no signature", rfc8785.dumps(unsigned) + b"\n"
    yield "a list as root", rfc8785.dumps(put(good, ("head", "root"), [])) + b"\n"
    yield "zip", b"PK\x03\x04" + bytes(range(256)) * 400
    yield "pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(5_000)
    yield "UTF-16", file.decode().encode("utf-16")
    yield "rules that are a list", signed(put(deepcopy(good), ("rules", "row", "texts"), "[]"))
    yield "too large", b" " * (MAX_BYTES + 1)


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["verify", *words])
    return done.exit_code, done.output


def test_evidence_of_a_newer_version_is_said_to_be_newer(good: Data, tmp_path: Path) -> None:
    file = tmp_path / "newer.json"
    file.write_bytes(rfc8785.dumps({**good, "format": "screening-evidence-2"}) + b"\n")
    code, said = run(str(file))
    words = " ".join(said.split())
    assert (code, "a newer version verifies the file: FAILED" in words) == (1, True)
    content = put(deepcopy(good), ("content", "assessment", "format"), 3)["content"]
    assert not verify_evidence(signed({**good, "content": content}))[-1].holds


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_bytes(b"\n")
    code, said = run(str(file))
    assert (code, "The file is not empty: FAILED" in said) == (1, True)


def test_every_crafted_file_ends_with_1_and_a_sentence(good: Data, tmp_path: Path) -> None:
    file = tmp_path / "crafted"
    for name, content in files(good):
        file.write_bytes(content)
        code, said = run(str(file))
        assert (code, "This file proves nothing." in said) == (1, True), (name, said)


def test_what_is_no_file_to_read_ends_with_2_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("pipe", "not a regular file"), (".", "is a directory"), ("no", "exist")):
        code, said = run(str(tmp_path / name))
        assert (code, reason in said) == (2, True), said
    (tmp_path / "closed").write_bytes(b"{}")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # whoever runs the tests may read everything
    code, said = run(str(tmp_path / "closed"))
    assert (code, "Permission denied" in said) == (2, True), said


@pytest.mark.parametrize("key", ["", "x", "é", "AAAA", "=" * 44, "\0"])
def test_a_key_that_is_none_ends_with_2_and_a_sentence(tmp_path: Path, key: str) -> None:
    (tmp_path / "any").write_bytes(b"{}\n")
    code, said = run(str(tmp_path / "any"), "--key", key)
    assert (code, "32 bytes in base64" in said) == (2, True), said
