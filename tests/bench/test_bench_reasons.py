"""The benchmarks of explanations and of documents still run; their figures are for `make bench`."""

import pytest
from bench import bench_documents, bench_reasons
from support.bench import report


def test_explanations_are_compared_and_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_reasons, "ROUNDS", 1)
    bench_reasons.main(drawn=30, hardest=8, compared=6)
    told = capsys.readouterr().out
    assert "agrees on" in told
    assert "| explanation |" in told


def test_documents_are_compared_and_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "ROUNDS", 1)
    bench_documents.main(count=6)
    told = capsys.readouterr().out
    assert "agrees on 6 of 6" in told
    assert bench_documents.TEXT in told
