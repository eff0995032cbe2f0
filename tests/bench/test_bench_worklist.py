"""The benchmark of the worklist still runs; its figures are for `make bench`."""

import pytest
from bench import bench_worklist
from support.bench import report


def test_every_page_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "ROUNDS", 1)
    monkeypatch.setattr(bench_worklist, "AT_MOST", 1000.0)
    assert bench_worklist.main(30) == 0
    said = capsys.readouterr().out
    for name in (
        *bench_worklist.PAGES,
        *bench_worklist.CASE_PAGES,
        *bench_worklist.SEARCHES,
        "duplicate warning",
    ):
        assert name in said
