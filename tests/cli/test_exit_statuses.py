"""Exit statuses: each kind of end has its own, as README says."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.storage.forgery import tamper

from screening.cli import main
from screening.records.installation.opening import open_records
from screening.records.installation.settings import Settings

DONE, NOTHING, WRONG, FAULTY, UNREACHABLE = 0, 1, 2, 3, 69
CASES: dict[str, tuple[int, dict[str, str]]] = {
    "keys list": (DONE, {}),
    "backup NEW": (DONE, {}),
    "retention": (DONE, {"SCREENING_RETENTION_DAYS": "100"}),
    "emergencies forget R-1": (NOTHING, {}),
    "verify CHANGED": (NOTHING, {}),
    "backup FAULTY": (FAULTY, {}),
    "rehearse MISSING": (WRONG, {}),
    "restore MISSING": (WRONG, {"SCREENING_DATA": "ELSEWHERE", "SCREENING_KEYS_FILE": "KEYS"}),
    "backup THERE": (WRONG, {}),
    "erase R-1 --reason request --yes": (WRONG, {}),
    "evidence R-1 1 NEW": (WRONG, {}),
    "keys destroy abc --yes": (WRONG, {}),
    "keys destroy NEWEST --yes": (WRONG, {}),
    "retention --yes": (WRONG, {"SCREENING_RETENTION_DAYS": "abc"}),
    "retention --erase": (WRONG, {"SCREENING_RETENTION_DAYS": "0"}),
    "witness serve --file NEW --key nonsense": (WRONG, {}),
    "users proposals": (WRONG, {"SCREENING_DATA": "THERE"}),
    "users list": (UNREACHABLE, {"SCREENING_DATA": "ELSEWHERE"}),
    "sites list": (UNREACHABLE, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}),
    "keys rotate": (UNREACHABLE, {"SCREENING_KEY_COMMAND": "false"}),
}


@pytest.mark.parametrize("words", CASES)
def test_each_end_of_a_command_has_its_exit_status(tmp_path: Path, words: str) -> None:
    environment = {"SCREENING_DATA": str(tmp_path / "data"), "DATABASE_URL": ""}
    records = open_records(Settings.read(environment))
    places = {
        each: str(tmp_path / each) for each in ("NEW", "MISSING", "THERE", "CHANGED", "FAULTY")
    }
    places["KEYS"] = str(tmp_path / "data" / "keys.json")
    places |= {"NEWEST": records.keyring().newest, "ELSEWHERE": str(tmp_path / "elsewhere")}
    if "FAULTY" in words:
        tamper(records, "UPDATE events SET by = 99 WHERE seq = 1")
    records.database.close()
    for each in ("THERE", "CHANGED"):
        Path(places[each]).write_text("{}", "utf-8")
    status, given = CASES[words]
    environment |= {name: places.get(value, value) for name, value in given.items()}
    typed = [places.get(word, word) for word in words.split()]
    done = CliRunner(env=environment).invoke(main, typed)
    assert done.exit_code == status, done.output


def test_the_readme_and_the_help_say_what_each_status_means(root: Path) -> None:
    readme = " ".join((root / "README.md").read_text("utf-8").split())
    sentence = re.search(r"\*\*Exit statuses\*\* of all commands: ([^.]*)\.", readme)
    assert sentence
    said = {int(each) for each in re.findall(r"(\d+) means", sentence[1])}
    assert said == {status for status, _ in CASES.values()}
    for each in said:
        assert re.search(
            rf"^ +{each} +\w", CliRunner().invoke(main, ["--help"]).output, re.MULTILINE
        )
