"""The benchmark of the first paint still runs; its figures say nothing here."""

import pytest
from bench import bench_first_paint


@pytest.mark.long
def test_both_first_pages_are_painted_with_style_and_without(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_first_paint, "GOAL", 1000.0)
    fast = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    assert bench_first_paint.main(1, fast) == 0
    said = capsys.readouterr().out
    for page in bench_first_paint.PAGES:
        assert f"| {page} |" in said
