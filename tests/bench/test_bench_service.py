"""The benchmark of the service still runs, on one host and on two; its figures say nothing here."""

import pytest
from bench import bench_service


@pytest.mark.long
def test_reads_and_writes_are_measured_and_none_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_service, "CONNECTIONS", 2)
    started = bench_service.SERVICES
    chosen = {name: started[name] for name in ("one worker", "two hosts")}
    monkeypatch.setattr(bench_service, "SERVICES", chosen)
    assert bench_service.main(0.2) == 0
    said = capsys.readouterr().out
    for name in chosen:
        for kind in bench_service.KINDS:
            assert f"| {name} | {kind} |" in said
