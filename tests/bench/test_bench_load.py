"""The load on ten pages still runs; its figures are for `make bench`."""

import pytest
from bench import bench_load, load_client

pytestmark = pytest.mark.long


def test_every_page_is_asked_for_beside_a_bare_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(load_client, "READERS", 1)
    monkeypatch.setattr(bench_load, "TURNS", 1)
    assert bench_load.main(0.01, workers=(1,)) == 0
    said = capsys.readouterr().out
    for name in ("nurse's sheet", "case result", "letter, PDF", "worklist"):
        assert f"| {name} | 1 |" in said
    assert "letters are laid out" in said


def test_a_percentile_is_a_wait_that_was_seen() -> None:
    taken = [5.0, 1.0, 3.0, 2.0]
    assert load_client.percentile(taken, 0.5) == 3.0
    assert load_client.percentile(taken, 0.99) == 5.0
