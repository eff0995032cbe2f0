"""`screening sources`; `verify` on documents of our own, and on the real ones where they are."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
ROOT = Path(__file__).parents[3]
DOCUMENTS = ROOT / "tests" / "data" / "cli" / "documents"
REAL = ROOT.parent / "shared" / "evidence" / "sources"


def test_each_document_is_listed_with_kind_basis_hash_and_count(run: Run) -> None:
    said = run("sources --rules {rules}").stdout
    assert "page: A page, A clinic\n    patient information; read whole on 1 January 2026\n" in said
    assert "    6 phrases quoted\n    https://example.org/page\n    SHA-256 " in said
    assert "digest: A digest, A publisher\n    digest; second-hand: not checked" in said
    assert "    2 phrases quoted\n    not verifiable by machine: no document is pinned\n" in said


def test_phrases_that_stand_once_are_verified(run: Run) -> None:
    result = run(f"sources verify {DOCUMENTS} --rules {{rules}}")
    assert result.exit_code == 0
    assert (
        "✓  page: 6 phrases found once each in page.txt, under the cited headings\n"
        in result.stdout
    )


def test_an_unpinned_source_is_never_counted_as_verified(run: Run) -> None:
    said = run(f"sources verify {DOCUMENTS} --rules {{rules}}").stdout
    assert "-  digest: 2 phrases, not verifiable by machine: no document is pinned\n" in said
    assert "6 phrases verified in 1 document; 2 phrases of 1 document not verifiable" in said


def test_a_document_is_known_by_its_bytes_and_not_its_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other.name").write_bytes((DOCUMENTS / "page.txt").read_bytes())
    (tmp_path / "noise.txt").write_text("noise", "utf-8")
    result = run(f"sources verify {tmp_path} --rules {{rules}}")
    assert result.exit_code == 0
    assert "found once each in other.name" in result.stdout


def test_a_changed_document_is_a_missing_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_bytes((DOCUMENTS / "page.txt").read_bytes() + b" ")
    result = run(f"sources verify {tmp_path} --rules {{rules}}")
    assert result.exit_code == 1
    assert "✗  page: 6 phrases, document not found\n" in result.stdout
    assert "page: not found [missing-document]" in result.stdout
    assert "verified" not in result.stdout


def spoil(rules: Path, old: str, new: str) -> None:
    path = rules / "tiny.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_every_phrase_with_a_problem_has_a_line_of_its_own(run: Run, rules: Path) -> None:
    spoil(rules, "within two months", "Within two months")
    spoil(rules, "pain from elsewhere", "pain from nowhere")
    spoil(rules, "exact: one bone, suffix: at a time", "exact: one bone")
    result = run(f"sources verify {DOCUMENTS} --rules {rules}")
    assert result.exit_code == 1
    said = result.stdout
    assert "✗  page: 6 phrases, 3 with a problem\n" in said
    assert "page: “Within two months” does not occur in page.txt [missing-quote]\n" in said
    assert "quoted by recent; it is there with other capitals or punctuation\n" in said
    assert "page: “pain from nowhere” does not occur in page.txt [missing-quote]\n" in said
    assert "page: “one bone” occurs 2 times in page.txt [repeated-quote]\n" in said
    assert "quoted by many, number; say `prefix:` or `suffix:`" in said
    assert said.endswith("3 problems in 1 file\n")


def test_a_heading_that_is_no_line_of_the_document_is_a_problem(run: Run, rules: Path) -> None:
    spoil(rules, "heading: Who", "heading: Whom")
    result = run(f"sources verify {DOCUMENTS} --rules {rules}")
    assert result.exit_code == 1
    assert "page: no line of page.txt is the heading “Whom” [missing-heading]\n" in result.stdout
    assert "; did you mean “Who”?\n" in result.stdout
    assert result.stdout.count("[") == 1


def test_a_phrase_under_another_heading_is_a_problem(run: Run, rules: Path) -> None:
    spoil(rules, "heading: When, exact: within", "heading: How, exact: within")
    spoil(rules, "heading: How, exact: done", "heading: When, exact: done")
    result = run(f"sources verify {DOCUMENTS} --rules {rules}")
    assert result.exit_code == 1
    said = "“within two months” is under “When”, not under “How” [other-heading]"
    assert said in result.stdout
    assert "is under “How”, not under “When” [other-heading]" in result.stdout


def test_a_heading_of_ours_names_what_stands_above_the_cited_headings(
    run: Run, rules: Path, tmp_path: Path
) -> None:
    spoil(rules, "heading: Who, exact: a fracture", 'heading: "(introduction)", exact: a fracture')
    result = run(f"sources verify {DOCUMENTS} --rules {rules}")
    assert "is under “Who”, not under “(introduction)” [other-heading]" in result.stdout
    text = (DOCUMENTS / "page.txt").read_text("utf-8")
    moved = text.replace("with a fracture on imaging", "")
    data = f"Those with a fracture on imaging.\n\n{moved}".encode()
    (tmp_path / "page.txt").write_bytes(data)
    pinned = next(
        line for line in (rules / "tiny.yaml").read_text("utf-8").split("\n") if "sha256" in line
    )
    spoil(rules, pinned, f"    sha256: {hashlib.sha256(data).hexdigest()}")
    assert run(f"sources verify {tmp_path} --rules {rules}").exit_code == 0


def test_a_document_that_is_no_text_is_a_problem(run: Run, rules: Path, tmp_path: Path) -> None:
    data = b"%PDF-1.7\n\xe2\xe3\xcf\xd3"
    (tmp_path / "page.pdf").write_bytes(data)
    old = next(
        line for line in (rules / "tiny.yaml").read_text("utf-8").split("\n") if "sha256" in line
    )
    spoil(rules, old, f"    sha256: {hashlib.sha256(data).hexdigest()}")
    result = run(f"sources verify {tmp_path} --rules {rules}")
    assert result.exit_code == 1
    assert "page: page.pdf is not UTF-8 text [not-text]" in result.stdout


def test_the_rules_may_be_named_before_or_after_verify(run: Run) -> None:
    before = run(f"sources --rules {{rules}} verify {DOCUMENTS}")
    assert before.stdout == run(f"sources verify {DOCUMENTS} --rules {{rules}}").stdout


@pytest.mark.skipif(not REAL.is_dir(), reason="the documents are not kept in this repository")
def test_every_phrase_of_the_shipped_rules_stands_once_in_its_document(run: Run) -> None:
    result = run(f"sources verify {REAL}")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.count("✓") == 5


@pytest.mark.skipif(not REAL.is_dir(), reason="the documents are not kept in this repository")
def test_a_missing_real_document_is_noticed(run: Run, tmp_path: Path) -> None:
    for path in sorted(REAL.iterdir())[1:]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    result = run(f"sources verify {tmp_path}")
    assert result.exit_code == 1
    assert result.stdout.count("[missing-document]") == 1
