"""The frame of the benchmarks: what a table measures, shows and refuses."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from support.bench import report, run
from support.bench.report import DisagreementError, Table, agree, show_beside


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Table:
    monkeypatch.setattr(report, "ROUNDS", 3)
    return Table("Two works")


def test_ratios_are_to_the_named_baseline(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    table.add("plain", [0.002, 0.001, 0.003])
    table.add("whole", [0.004, 0.004, 0.004])
    assert table.show("plain") == 0
    said = capsys.readouterr().out
    assert "| plain | 2 ms | ± 25% | 1.00 |  |" in said
    assert "| whole | 4 ms | ± 0% | 2.00 |  |" in said


def test_a_missed_goal_fails(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    table.add("plain", [1.0])
    table.add("whole", [2.0])
    assert table.show("plain", at_most={"whole": 2.0}) == 0
    assert table.show("plain", at_most={"whole": 1.9}) == 1
    assert "≤ 1.9 **not met**" in capsys.readouterr().out


def test_works_take_turns_in_each_round(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LEAST", 0.0)
    called: list[str] = []
    table.time("one", lambda: called.append("one"))
    table.time("other", lambda: called.append("other"), per=10)
    assert table.median("one") >= 0
    assert called == [*["one"] * 2, *["other"] * 2, *["one", "other"] * 3]
    assert [len(each) for each in table.seconds.values()] == [3, 3]
    table.median("other")
    assert len(called) == 10


def test_each_pair_is_compared_with_its_own_baseline(
    table: Table, capsys: pytest.CaptureFixture[str]
) -> None:
    short, long = (lambda: sum(range(100)), lambda: sum(range(10_000)))
    assert show_beside("Pairs", ("few", "many"), {"one": (short, short)}, 5.0) == 0
    assert show_beside("Pairs", ("few", "many"), {"other": (short, long)}, 5.0) == 1
    said = capsys.readouterr().out
    assert "| | few | many | spread | ratio | goal |" in said
    assert "≤ 5 **not met** |" in said


def test_the_time_of_child_processes_counts() -> None:
    line = [sys.executable, "-c", "sum(range(2_000_000))"]
    assert report.spent(lambda: subprocess.run(line, check=True)) > report.spent(lambda: None)


def test_a_disagreement_stops_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    agree("other", [(1, 1), (2, 2)])
    assert "other: agrees on 2 of 2" in capsys.readouterr().out
    with pytest.raises(DisagreementError):
        agree("other", [(1, 1), (1, 2)])


def test_the_report_gathers_scripts_and_names_those_that_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bench_good.py").write_text("print('fine')")
    (tmp_path / "bench_bad.py").write_text("print('some'); raise SystemExit(1)")
    monkeypatch.setattr(run, "SCRIPTS", tmp_path)
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    assert run.main(["good"]) == 0
    assert "some" not in (tmp_path / "report.md").read_text("utf-8")
    assert run.main([]) == 1
    said = (tmp_path / "report.md").read_text("utf-8")
    assert said.splitlines()[-1] == "Failed, or above a goal: bench_bad."
    assert "## bench_good\n\nfine\n" in said


def test_the_report_does_not_tell_whose_machine_it_is() -> None:
    said = "\n".join(run.heading())
    assert "Python 3" in said
    assert str(Path.home()) not in said
    assert platform.node() not in said
