"""The benchmark of looks still runs; its figures are for `make bench`."""

import pytest
from bench import bench_views


def test_looks_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_views, "PROCESSES", 1)
    monkeypatch.setattr(bench_views, "AT_MOST", 1000.0)
    assert bench_views.main(0.1, ("sqlite",)) == 0
    assert "waiting" in capsys.readouterr().out
