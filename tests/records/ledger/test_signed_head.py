"""Signed heads: any change is seen, and no secret is repeated."""

import base64
import datetime as dt
import json
from dataclasses import fields, replace

import pytest

from screening.records.ledger.signed_head import (
    Head,
    HeadError,
    Restart,
    Signer,
    Verifier,
    read_head,
)

AT = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
SIGNER = Signer.read(base64.b64encode(bytes(range(32))).decode())
HEAD = SIGNER.sign(size=7, root="ab" * 32, last="cd" * 32, at=AT)


def test_a_signed_head_is_accepted_after_a_way_as_text() -> None:
    public = Verifier.read(SIGNER.verifier.write())
    assert public.accepts(read_head(json.dumps(HEAD.write())))


def test_the_same_key_signs_the_same_head_alike() -> None:
    again = Signer.read(SIGNER.write())
    assert again.sign(size=7, root="ab" * 32, last="cd" * 32, at=AT) == HEAD


CHANGES: dict[str, Head] = {
    "size": replace(HEAD, size=8),
    "root": replace(HEAD, root="ac" + "ab" * 31),
    "last": replace(HEAD, last="cc" * 32),
    "at": replace(HEAD, at=AT + dt.timedelta(microseconds=1)),
    "key": replace(HEAD, key="0" * 16),
    "signature": replace(HEAD, signature=base64.b64encode(bytes(64)).decode()),
}


def test_every_field_is_changed_here_that_the_signer_said() -> None:
    assert {*CHANGES, "restart"} == {field.name for field in fields(Head)}


def test_what_a_witness_adds_is_no_part_of_what_was_signed() -> None:
    restart = Restart(kept=4, by="Ann Lee", reason="disk failed", at=AT)
    noted = replace(HEAD, restart=restart)
    assert SIGNER.verifier.accepts(noted)
    assert read_head(json.dumps(noted.write())) == noted


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_field_is_seen(name: str) -> None:
    assert not SIGNER.verifier.accepts(CHANGES[name])


def test_another_ones_signature_is_refused() -> None:
    assert not Signer.make().verifier.accepts(HEAD)


def test_every_changed_character_of_a_written_head_is_seen() -> None:
    text = json.dumps(HEAD.write())
    for place, character in enumerate(text):
        changed = text[:place] + chr(ord(character) ^ 1) + text[place + 1 :]
        try:
            head = read_head(changed)
        except HeadError:
            continue
        assert not SIGNER.verifier.accepts(head), changed


def test_another_spelling_of_the_same_signature_is_refused() -> None:
    spare = HEAD.signature.removesuffix("==")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = spare[:-1] + alphabet[alphabet.index(spare[-1]) + 1] + "=="
    assert base64.b64decode(other) == base64.b64decode(HEAD.signature)
    assert not SIGNER.verifier.accepts(replace(HEAD, signature=other))


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "7", '{"size": 1}', json.dumps(HEAD.write() | {"more": 1}), "\ud800"],
)
def test_what_is_no_head_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(HeadError, match="signed head is expected"):
        read_head(text)


@pytest.mark.parametrize("text", ["", "not base64 ü", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_refused_and_not_repeated(text: str) -> None:
    for read in (Signer.read, Verifier.read):
        with pytest.raises(HeadError) as refused:
            read(text)
        assert not text or text not in str(refused.value)
