"""What holds for every command: help, statuses, colours, and what a failure of our own says."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screening import __version__
from screening.cli import COMMANDS as MODULES

Run = Callable[..., Any]
COMMANDS = ["assess", "batch", "check", "rules", "serve", "sources", "sources verify"]
PYTHON = [sys.executable, "-m", "screening"]


def test_version_is_the_packages(run: Run) -> None:
    assert run("--version").output == f"screening {__version__}\n"


def test_help_lists_every_command_under_its_readers(run: Run) -> None:
    said = run("--help").output
    for name in MODULES:
        assert re.search(rf"^  {name} +\w", said, re.MULTILINE), name
    assert said.index("For screening:") < said.index("For authors")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_shows_an_example(run: Run, command: str) -> None:
    result = run(f"{command} --help")
    assert result.exit_code == 0
    assert re.search(rf"^  (.*\| )?screening {command}", result.output, re.MULTILINE)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_screen_of_80_characters(run: Run, command: str) -> None:
    assert [line for line in run(f"{command} --help").output.split("\n") if len(line) > 80] == []


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "assess",
        "assess no-such-file.json",
        "assess - --ruleset nonsense",
        "assess - --rules no-such-folder",
        "assess - --ruleset safety",
        "check no-such-file.yaml",
        "rules nonsense",
        "serve --port 99999",
        "serve --ruleset nonsense",
        "sources verify no-such-folder",
    ],
)
def test_wrong_usage_has_status_2_and_a_sentence(run: Run, words: str) -> None:
    result = run(words, "")
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert result.stdout == ""


def test_an_unknown_ruleset_names_the_known_ones(run: Run) -> None:
    assert "Use one of: documented, safety" in run("rules nonsense").stderr


def test_a_failure_of_our_own_names_its_place_and_no_answer(
    run: Run, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*values: object) -> None:
        raise ValueError(values)

    monkeypatch.setattr("screening.cli.questionnaire.assess.judge", fail)
    path = write(curve="severe", levels=17)
    result = run(f"assess {path} --rules {{rules}} --ruleset tiny")
    assert result.exit_code == 70
    named = re.compile(r"id: [0-9a-f]{8} \(ValueError at assess.py:\d+\)")
    assert named.search(result.stderr)
    assert not re.search(r"17|severe|levels|curve|Traceback", named.sub("", result.output))


def test_the_id_of_a_failure_is_the_same_for_other_answers(
    run: Run, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*values: object) -> None:
        raise ValueError(values)

    monkeypatch.setattr("screening.cli.questionnaire.assess.judge", fail)
    said = {
        run(f"assess {write(levels=levels)} --rules {{rules}} --ruleset tiny").stderr
        for levels in (1, 2, 3)
    }
    assert len(said) == 1


def test_only_serve_loads_the_web() -> None:
    code = (
        "import sys\n"
        "from screening.cli import main\n"
        "for words in (['check'], ['rules'], ['sources'], ['--help']):\n"
        "    main(words, standalone_mode=False)\n"
        "loaded = {'flask', 'jinja2', 'waitress', 'werkzeug', 'wtforms'} & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    line = [sys.executable, "-c", code]
    said = subprocess.run(line, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_the_version_loads_no_rules_and_nothing_slow() -> None:
    code = (
        "import sys\n"
        "from screening.cli import main\n"
        "main(['--version'], standalone_mode=False)\n"
        "slow = {'yaml', 'sqlalchemy', 'hashlib', 'json', 'pathlib', 'traceback', 'dataclasses'}\n"
        "loaded = (slow | {'screening.core.rules.ruleset'}) & set(sys.modules)\n"
        "assert not loaded, loaded\n"
    )
    line = [sys.executable, "-c", code]
    said = subprocess.run(line, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_no_garbage_is_looked_for_while_a_command_is_loaded() -> None:
    code = (
        "import gc, sys\n"
        "from screening.__main__ import main\n"
        "before = gc.get_stats()[0]['collections']\n"
        "sys.argv[1:] = ['settings', '--help']\n"
        "try: main()\n"
        "finally: print(gc.get_stats()[0]['collections'] - before)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: screening settings" in ran.stdout
    assert ran.stdout.endswith("\n0\n")


def test_to_print_the_version_no_command_is_loaded() -> None:
    code = (
        "import sys\n"
        "from screening.__main__ import main\n"
        "sys.argv[1:] = ['--version']\n"
        "main()\n"
        "sys.exit(sorted({'click', 'screening.cli', 'inspect'} & set(sys.modules)) or 0)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == f"screening {__version__}\n"


def test_a_version_that_cannot_be_written_ends_as_any_command() -> None:
    with Path("/dev/full").open("wb") as full:
        line = [*PYTHON, "--version"]
        ran = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 74
    assert "cannot be written" in ran.stderr


@pytest.mark.parametrize("words", [["assess", "-"], ["assess", "-", "--json"]])
def test_a_command_with_kept_rules_loads_nothing_that_proves(
    words: list[str], tmp_path: Path
) -> None:
    code = (
        "import sys\n"
        "from screening.cli import main\n"
        f"main({words}, standalone_mode=False)\n"
        "ours = {'rules.rulebook', 'yaml.reader', 'examples.example_file'}\n"
        "unneeded = {'yaml', 'difflib', 'screening.proof.checks.prove'}\n"
        "unneeded |= {f'screening.formats.{each}' for each in ours}\n"
        "print(sorted(unneeded & set(sys.modules)), file=sys.stderr)\n"
    )

    kept = dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME"), str(tmp_path))

    def loaded() -> str:
        ran = subprocess.run(
            [sys.executable, "-c", code],
            input='{"as_of": "2026-11-20", "answers": {"age": 74}}',
            env=os.environ | kept | {"SCREENING_CACHE": "on"},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stderr.strip()

    assert "'screening.formats.rules.rulebook'" in loaded()  # it is proved and kept
    assert loaded() == "[]"


def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    with subprocess.Popen(
        [*PYTHON, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    "words", ["rules", "rules --json", "check", "sources", "--help", "assess -h"]
)
def test_a_full_output_is_said_to_be_full(words: str) -> None:
    with Path("/dev/full").open("wb") as full:
        line = [*PYTHON, *words.split()]
        said = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert said.returncode == 74
    assert said.stderr == (
        "Error: the output cannot be written: No space left on device.\n"
        "What was written is not complete. Nothing else went wrong.\n"
    )


def test_a_status_tells_a_full_output_where_nothing_can_be_said() -> None:
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run([*PYTHON, "rules"], stdout=full, stderr=full, check=False)
    assert said.returncode == 74


def test_letters_that_a_terminal_lacks_are_no_failure() -> None:
    environment = os.environ | {"PYTHONIOENCODING": "latin-1"}
    said = subprocess.run([*PYTHON, "rules"], env=environment, capture_output=True, check=False)
    assert said.returncode == 0
    assert said.stderr == b""
    assert b"?must?" in said.stdout


def colours(environment: dict[str, str]) -> bytes:
    """What `check` prints to a terminal."""
    outer, inner = pty.openpty()
    with subprocess.Popen([*PYTHON, "check"], stdout=inner, env=environment) as process:
        os.close(inner)
        said = b""
        try:
            while part := os.read(outer, 10_000):
                said += part
        except OSError:  # Linux says so at the end of a terminal's output
            pass
        process.wait()
    os.close(outer)
    return said


def test_colours_are_for_terminals_only() -> None:
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    assert b"\x1b[" in colours(plain)
    piped = subprocess.run([*PYTHON, "check"], env=plain, capture_output=True, check=False)
    assert b"\x1b[" not in piped.stdout


def test_no_color_is_respected_on_a_terminal() -> None:
    said = colours(os.environ | {"NO_COLOR": "1"})
    assert b"No problems" in said
    assert b"\x1b[" not in said
