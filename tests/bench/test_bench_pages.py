"""The benchmark of the pages still runs; its figures are for `make bench`."""

import pytest
from bench import bench_pages


def test_every_page_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_pages, "REPEATS", 1)
    monkeypatch.setattr(bench_pages, "AT_MOST", 1000.0)
    assert bench_pages.main() == 0
    said = capsys.readouterr().out
    for name in ("the nurse's sheet, empty", "the nurse's sheet, answered", "a case's answers"):
        assert f"{name} " in said
