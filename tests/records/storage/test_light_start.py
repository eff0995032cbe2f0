"""A process that finds the database as it should be loads nothing to change it."""

import os
import subprocess
import sys
from pathlib import Path

START = """
import sys
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings
from screening.records.storage.append_only import check_guards
from screening.records.storage.shape import check_shape
records = open_records(Settings.read())
check_guards(records.database)
check_shape(records.database)
records.database.close()
print(sorted({"alembic", "mako", "psycopg", "pygments"} & set(sys.modules)))
"""


def start(folder: Path) -> str:
    environment = os.environ | {"SCREENING_DATA": str(folder), "DATABASE_URL": ""}
    line = [sys.executable, "-c", START]
    ran = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_only_the_first_start_loads_what_migrates(tmp_path: Path) -> None:
    assert "'alembic'" in start(tmp_path)
    assert start(tmp_path) == "[]"
