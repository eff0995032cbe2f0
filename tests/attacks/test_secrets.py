"""No secret of the settings is said, whatever goes wrong: neither in a line nor on a page."""

import io
import logging
import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from screening import log_lines
from screening.cli import main
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings

PACKAGE = Path(__file__).parents[2] / "screening"
STEM = "qzxcanary"
SECRETS = {
    "SCREENING_SECRET_KEY": f"{STEM}secretkey{'s' * 32}",
    "SCREENING_KEYS": f'{{"current": "{STEM}keys", "keys": {{"{STEM}": "{STEM}"}}}}',
    "SCREENING_OIDC_CLIENT_SECRET": f"{STEM}oidcsecret",
    "SCREENING_METRICS_TOKEN": f"{STEM}metricstoken",
    "DATABASE_URL": f"postgresql://ann:{STEM}password@127.0.0.1:1/screening?connect_timeout=1",
}
KEY_STORE = {
    "SCREENING_KEY_COMMAND": f"/nowhere/vault --token {STEM}read",
    "SCREENING_KEY_STORE_COMMAND": f"/nowhere/vault --token {STEM}store",
}
"""Instead of a keyring in the settings."""
HOLDS_A_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|_KEYS?$|COMMAND$")
NAMES_ONE = {"SCREENING_KEYS_FILE"}
COMMANDS = (
    ("users", "list"),
    ("ledger", "verify"),
    ("keys", "list"),
    ("backup", "kept.backup"),
    ("upgrade",),
    ("retention",),
    ("erase", "R-1"),
    ("versions", "list"),
    ("sites", "list"),
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a process writes about itself."""
    written, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log_lines.start(written, requests=True)
    yield written
    root.handlers[:] = handlers
    root.setLevel(level)


def test_every_secret_among_the_settings_is_tried() -> None:
    named = {
        name
        for path in PACKAGE.rglob("*.py")
        for name in re.findall(r"\bSCREENING_[A-Z_]+\b", path.read_text("utf-8"))
    }
    holding = {name for name in named if HOLDS_A_SECRET.search(name)} - NAMES_ONE
    assert holding <= SECRETS.keys() | KEY_STORE.keys()
    assert KEY_STORE.keys() <= holding


@pytest.mark.parametrize("left_out", ["", "SCREENING_KEYS", "DATABASE_URL"])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_no_command_says_a_secret_when_it_fails(
    words: tuple[str, ...], left_out: str, log: io.StringIO, tmp_path: Path
) -> None:
    environ = {name: value for name, value in SECRETS.items() if name != left_out}
    result = CliRunner(env=environ | {"SCREENING_DATA": str(tmp_path)}).invoke(main, words)
    said = result.output + log.getvalue()
    if result.exception and not isinstance(result.exception, SystemExit):
        said += "".join(traceback.format_exception(result.exception))
    assert result.exit_code
    assert said
    assert STEM not in said


@pytest.mark.parametrize("words", [("keys", "list"), ("keys", "rotate"), ("backup", "kept.backup")])
def test_no_command_repeats_the_command_of_a_key_store(
    words: tuple[str, ...], log: io.StringIO, tmp_path: Path
) -> None:
    open_records(Settings.read({"SCREENING_DATA": str(tmp_path)})).database.close()
    result = CliRunner(env=KEY_STORE | {"SCREENING_DATA": str(tmp_path)}).invoke(main, words)
    said = result.output + log.getvalue() + str(result.exception)
    assert result.exit_code
    assert "SCREENING_KEY_COMMAND cannot be run" in said
    assert STEM not in said
