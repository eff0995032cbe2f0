"""The disk fills up: writes are refused, all that was saved can be read, and room is enough."""

import base64
import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.faults.fault_databases import prepare
from support.storage import databases

SCRIPT = Path(__file__).with_name("disk_full.py")
SAID = {
    "disk": "the database cannot be used at the moment: its disk is full",
    "limit": "the database cannot be used at the moment: it does not answer",
}
"""A limit to the size of files is told as a failure to write, and not as a full disk."""


def may_mount() -> bool:
    """Whether this user may make a file system that nobody else sees."""
    unshare = shutil.which("unshare")
    if not unshare:
        return False
    command = [unshare, "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("how", SAID)
def test_a_full_disk_refuses_writes_and_loses_nothing(
    sqlite_pattern: Path, tmp_path: Path, how: str
) -> None:
    if how == "disk" and not may_mount():
        pytest.skip("needs the right to mount a file system")
    place = prepare(databases.sqlite_copy(sqlite_pattern, tmp_path))
    folder = tmp_path / "small"
    folder.mkdir()
    given = base64.b64encode(pickle.dumps(place)).decode()
    command = [sys.executable, str(SCRIPT), how, given, str(folder)]
    alone = ["unshare", "--mount"] if how == "disk" else []
    done = subprocess.run([*alone, *command], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert said["written"] > 3
    assert said["refusals"] == [SAID[how]] * 5
    assert said["read"], "what was saved cannot be read"
    assert said["again"], "it does not recover by itself"
    assert not said["losses"]
