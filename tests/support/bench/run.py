"""Runs every benchmark, or those that are named, and gathers what they print into one report.

Usage: PYTHONPATH=tests python -m support.bench.run [NAME ...]
"""

import datetime as dt
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from os import cpu_count
from pathlib import Path

from support.bench.report import FOLDER

SCRIPTS = Path(__file__).parents[2] / "bench"
PACKAGES = (
    *("flask", "jinja2", "wtforms", "flask-wtf", "sqlalchemy", "waitress", "weasyprint"),
    *("datalogic-py", "zen-engine", "common-expression-language", "json-logic-qubit"),
    *("rule-engine", "duckdb", "polars", "pyspark", "pyarrow", "numpy"),
)
"""Those whose speed is measured, or measured against."""


def main(names: Sequence[str]) -> int:
    """Run them, print as they go, and write the report; gives 1 if one of them fails."""
    FOLDER.mkdir(exist_ok=True)
    failed: list[str] = []
    with (FOLDER / "report.md").open("w", encoding="utf-8") as report:
        for line in lines(names, failed):
            print(line, flush=True)
            report.write(line + "\n")
    print("The report is benchmarks/report.md")
    return int(bool(failed))


def lines(names: Sequence[str], failed: list[str]) -> Iterator[str]:
    """The lines of the report, each as soon as it is there; adds the scripts that fail."""
    yield from heading()
    for path in sorted(SCRIPTS.glob("bench_*.py")):
        if not names or path.stem.removeprefix("bench_") in names:
            yield from section(path, failed)
    yield f"\nFailed, or above a goal: {', '.join(failed) or 'none'}."


def heading() -> Iterator[str]:
    """The machine and the versions; nothing that tells whose machine it is."""
    yield f"# Benchmarks of {dt.datetime.now(dt.UTC):%Y-%m-%d}\n"
    yield f"{_processor()}, {cpu_count()} cores, {platform.system()}; {_python()}; {_versions()}\n"
    yield "Times are CPU times: medians, with half the distance of the quartiles as spread."


def section(path: Path, failed: list[str]) -> Iterator[str]:
    """What one script prints; its errors go to the terminal alone."""
    yield f"\n## {path.stem}\n"
    line = [sys.executable, str(path)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        yield from (each.rstrip("\n") for each in running.stdout)
    if running.returncode:
        failed.append(path.stem)


def _processor() -> str:
    try:
        listed = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (each.partition(":")[2].strip() for each in listed if each.startswith("model name"))
    return next(names, platform.machine())


def _python() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"


def _versions() -> str:
    installed = {each.name.lower(): each.version for each in metadata.distributions()}
    return ", ".join(f"{name} {installed[name]}" for name in PACKAGES if name in installed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
