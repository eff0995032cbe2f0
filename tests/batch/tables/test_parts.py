"""A run that ends anywhere goes on without loss and without doubles, and only as what it was."""

import datetime as dt
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support.batch.tables import patients, write_table
from support.rulesets import other_rules, shipped

from screening.batch.tables.parts import PlanError
from screening.batch.tables.run import ChangedInputError, Job, run
from screening.errors import EarlyDayError

RULES = shipped.ruleset()
DAY = dt.timedelta(days=1)


class PowerLossError(BaseException):
    """The end of everything, which no code can catch by mistake."""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Four parts, with a reject in the first and in the last."""
    table = write_table(tmp_path / "in.csv", RULES, patients(RULES, 11))
    lines = table.read_text("utf-8").splitlines()
    lines.insert(2, "too,few")
    table.write_text("\n".join([*lines, "too,few,too"]) + "\n", "utf-8")
    out = tmp_path / "out.ndjson"
    return Job(source=table, out=out, ruleset=RULES, today=shipped.as_of(), rows=4)


def written(job: Job) -> tuple[Any, ...]:
    """All that a whole run leaves behind."""
    folder = job.out.parent
    names = sorted(path.name for path in folder.iterdir() if path != job.source)
    return tuple((name, (folder / name).read_bytes()) for name in names)


def clear(job: Job) -> None:
    for path in job.out.parent.iterdir():
        if path.is_file() and path != job.source:
            path.unlink()


def resume(job: Job) -> None:
    """Go on; or begin, if nothing was begun."""
    try:
        run(replace(job, resume=True))
    except PlanError:
        assert not (job.out.parent / "out.ndjson.parts" / "plan.json").exists()
        run(job)


def test_a_run_ends_anywhere_and_goes_on(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    run(job)
    whole = written(job)
    assert [name for name, _ in whole] == ["out.ndjson", "out.ndjson.json", "out.ndjson.rejects"]
    for last in count(1):
        clear(job)
        with monkeypatch.context() as patches:
            if not ends_after(last, job, patches):
                break
        resume(job)
        assert written(job) == whole, last
    assert last > 40  # moments, of which each was the last one


def ends_after(moments: int, job: Job, patches: pytest.MonkeyPatch) -> bool:
    """Let the power fail after some writes to the disk; gives False if the run ends before."""
    left = iter(range(moments - 1))

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any, **named: Any) -> Any:  # noqa: ANN401 - of any of these
            if next(left, None) is None:
                raise PowerLossError
            return real(*words, **named)

        return call

    patches.setattr(os, "fsync", failing(os.fsync))
    for name in ("replace", "rename", "mkdir"):
        patches.setattr(Path, name, failing(getattr(Path, name)))
    try:
        run(job)
    except PowerLossError:
        return True
    return False


KILLED = """
import datetime as dt, os, signal, sys
from pathlib import Path
from screening.batch.tables.run import Job, run
from screening.files.rule_files import load_ruleset

job = Job(source=Path(sys.argv[1]), out=Path(sys.argv[2]), ruleset=load_ruleset(),
          today=dt.date.fromisoformat(sys.argv[3]), rows=4)
run(job, lambda progress: progress.rows > 7 and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_killed_run_goes_on(job: Job) -> None:
    run(job)
    whole = written(job)
    clear(job)
    words = [str(job.source), str(job.out), job.today.isoformat()]
    killed = subprocess.run([sys.executable, "-c", KILLED, *words], check=False)
    assert killed.returncode == -signal.SIGKILL
    seen: list[int] = []
    run(replace(job, resume=True), lambda progress: seen.append(progress.rows))
    assert written(job) == whole
    assert seen[0] == 12  # the rows of the third part come after those of the two that were whole


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ({"rows": 5}, "rows_in_part"),
        ({"keep": ("case_no",)}, "keep"),
        ({"as_of": shipped.as_of() - DAY}, "as_of"),
        ({"ruleset": other_rules.without("scoliosis")}, "ruleset"),
    ],
)
def test_a_run_goes_on_only_as_what_it_was(
    job: Job, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any], named: str
) -> None:
    with monkeypatch.context() as patches:
        assert ends_after(20, job, patches)
    with pytest.raises(PlanError, match=named):
        run(replace(job, resume=True, **other))
    with pytest.raises(PlanError, match="--resume"):
        run(job)
    run(replace(job, resume=True, today=job.today + DAY))  # the days are those that it began on
    assert json.loads((job.out.parent / "out.ndjson.json").read_text())["rows"] == 13


def test_a_run_goes_on_with_the_same_input_only(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patches:
        assert ends_after(20, job, patches)
    job.source.write_text(job.source.read_text("utf-8").replace("yes", "no"), "utf-8")
    with pytest.raises(PlanError, match="input"):
        run(replace(job, resume=True))


def test_what_was_read_of_another_table_is_not_kept(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = job.source.read_text("utf-8")
    changed = iter([None, text.replace("yes", "no ")])

    def change(_: object) -> None:
        if (other := next(changed, None)) is not None:
            job.source.write_text(other, "utf-8")

    with pytest.raises(ChangedInputError):
        run(job, change)
    job.source.write_text(text, "utf-8")
    with pytest.raises(PlanError, match="without --resume"):
        run(replace(job, resume=True))
    assert list(job.out.parent.iterdir()) == [job.source]


def test_two_processes_do_not_write_the_same_output(job: Job) -> None:
    refused: list[str] = []

    def meanwhile(_: object) -> None:
        with pytest.raises(PlanError) as found:
            run(replace(job, resume=True))
        refused.append(str(found.value))

    run(job, meanwhile)
    assert set(refused) == {"another run is writing to out.ndjson.parts: wait until it has ended"}


def test_a_folder_that_is_not_of_a_run_is_kept(job: Job) -> None:
    folder = job.out.parent / "out.ndjson.parts"
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine", "utf-8")
    with pytest.raises(PlanError, match="use --resume, or delete it"):
        run(job)
    assert (folder / "thesis.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", ["out.ndjson", "out.ndjson.parts", "out.ndjson.rejects"])
def test_a_link_is_not_written_through(job: Job, name: str) -> None:
    victim = job.out.parent / "victim"
    (job.out.parent / name).symlink_to(victim)
    with pytest.raises(PlanError):
        run(job)
    assert not victim.exists()


def test_a_record_of_something_else_is_refused(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patches:
        assert ends_after(20, job, patches)
    for record in (job.out.parent / "out.ndjson.json", job.out):
        record.write_text("[]", "utf-8")
    with pytest.raises(PlanError, match="was not written by this command"):
        run(replace(job, resume=True))
    assert (job.out.parent / "out.ndjson.parts" / "plan.json").exists()


def test_an_output_that_is_gone_is_told(job: Job) -> None:
    run(job)
    job.out.unlink()
    with pytest.raises(PlanError, match="is gone"):
        run(replace(job, resume=True))


def test_the_first_screening_date_is_that_of_the_engine(job: Job) -> None:
    with pytest.raises(EarlyDayError):
        run(replace(job, as_of=dt.date(1800, 1, 1)))


def test_nothing_is_written_over(job: Job) -> None:
    run(job)
    with pytest.raises(PlanError, match="exists already"):
        run(job)


def test_a_whole_output_is_not_made_again(job: Job) -> None:
    manifest = run(job)
    before = written(job)
    assert run(replace(job, resume=True)) == manifest
    assert written(job) == before


def test_there_must_be_something_to_resume(job: Job) -> None:
    with pytest.raises(PlanError, match="without --resume"):
        run(replace(job, resume=True))


@pytest.mark.parametrize("way", ["link", "writable"])
def test_parts_that_others_can_change_are_not_gone_on_with(
    job: Job, tmp_path: Path, way: str
) -> None:
    folder = job.out.with_name(job.out.name + ".parts")
    if way == "link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.mkdir()
        folder.chmod(0o770)
    with pytest.raises(PlanError, match="only your account"):
        run(replace(job, resume=True))
    assert list(folder.iterdir()) == []


def test_large_parquet_is_a_folder_of_whole_files(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = replace(job, out=tmp_path / "out.parquet")
    run(columns)
    assert len(list((tmp_path / "out.parquet").iterdir())) == 4
    run(replace(columns, out=tmp_path / "one.parquet", rows=100))
    assert (tmp_path / "one.parquet").is_file()


@pytest.mark.parametrize("name", ["out.ndjson", "out.ndjson.rejects"])
@pytest.mark.parametrize("again", [False, True])
def test_a_file_of_somebody_else_is_not_written_over(
    job: Job,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    again: bool,  # noqa: FBT001 - a case of the table
) -> None:
    foreign = job.out.with_name(name)

    def appear(_: object) -> None:
        foreign.write_text("mine", "utf-8")

    if again:
        with monkeypatch.context() as patches:
            assert ends_after(20, job, patches)
        appear(None)
    with pytest.raises(PlanError, match=f"{name} was not written by this run"):
        run(replace(job, resume=again), appear)
    assert foreign.read_text("utf-8") == "mine"
    foreign.unlink()
    run(replace(job, resume=True))
    assert json.loads((job.out.parent / "out.ndjson.json").read_text())["rows"] == 13


def test_a_run_that_goes_on_keeps_the_separator(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.source.write_text(job.source.read_text("utf-8").replace(",", ";"), "utf-8")
    cells = replace(job, out=tmp_path / "out.csv")
    run(replace(cells, out=tmp_path / "whole.csv"))
    with monkeypatch.context() as patches:
        assert ends_after(20, cells, patches)
    run(replace(cells, resume=True))
    whole = (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "out.csv").read_bytes() == whole
    assert whole.startswith(b"case_no;row;as_of;")
