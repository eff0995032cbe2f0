"""The benchmark of signing in still runs; its figures are for `make bench`."""

import pytest
from bench import bench_sign_in


def test_every_kind_of_account_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_sign_in, "REPEATS", 1)
    monkeypatch.setattr(bench_sign_in, "BETWEEN", (0.0, 1000.0))
    assert bench_sign_in.main() == 0
    said = capsys.readouterr().out
    for name in bench_sign_in.OTHERS:
        assert f"| {name} |" in said
