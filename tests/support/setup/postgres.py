"""A PostgreSQL server for one test run, in a temporary folder, on a socket that nobody else opens.

Usage: PYTHONPATH=requirements python tests/support/setup/postgres.py FILE

It writes the folder of the programs into FILE. Debian's package is installed if there is none and
that is possible.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

FOUND = Path(__file__).parents[3] / ".venv" / "postgres"
INSTALLED = Path("/usr/lib/postgresql")
PROGRAMS = ("postgres", "initdb", "pg_isready")
ACCOUNT = "postgres"
STARTS_WITHIN = 60.0
STOPS_WITHIN = 30.0
MISSING = (
    "The tests of records need PostgreSQL, and none was found. Install it,"
    " or say where its programs are: make test POSTGRES_BIN=/path/to/bin"
)
# Statements go to the log with their values, which must be none of a patient's.
SETTINGS = {
    "listen_addresses": "",
    "log_statement": "all",
    "log_min_duration_statement": "-1",
    "log_min_error_statement": "debug5",
    "max_connections": "200",
    "shared_buffers": "32MB",
}
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""Quicker, and safe as long as the machine itself does not stop."""


def find_postgres() -> Path | None:
    """The folder of PostgreSQL's programs: POSTGRES_BIN, else PATH, else Debian's newest."""
    if named := os.environ.get("POSTGRES_BIN"):
        return _whole(Path(named))
    on_path = shutil.which("postgres")
    newest = sorted(INSTALLED.glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    places = ([Path(on_path).resolve().parent] if on_path else []) + newest
    return next(filter(None, map(_whole, places)), None)


def _whole(folder: Path) -> Path | None:
    return folder if all(os.access(folder / each, os.X_OK) for each in PROGRAMS) else None


def programs() -> Path:
    """The folder that the set-up found, or that can be found now."""
    noted = FOUND.read_text("utf-8").strip() if FOUND.is_file() else ""
    found = None if os.environ.get("POSTGRES_BIN") else noted and _whole(Path(noted))
    found = found or find_postgres()
    if not found:
        raise FileNotFoundError(MISSING)
    return found


@dataclass(slots=True)
class Server:
    """A server with its data in a folder of its own. ``log`` holds every statement it was sent."""

    folder: Path
    durable: bool
    settings: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Everything that the server says, with every statement and its values."""
        return self.folder / "log"

    def address(self, database: str) -> str:
        """The address of one of its databases, as SQLAlchemy reads it."""
        return f"postgresql://{ACCOUNT}@/{database}?host={self.folder}"

    def prepare(self) -> None:
        """Make an empty cluster, whose order of letters is a language's and not that of bytes."""
        command = [str(programs() / "initdb"), "-D", str(self.folder / "data"), "-U", ACCOUNT]
        command += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        language = ["--locale-provider=icu", "--icu-locale=en-US"]  # from PostgreSQL 15 on
        if _run([*command, *language]).returncode:
            shutil.rmtree(self.folder / "data", ignore_errors=True)
            _run(command).check_returncode()

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = SETTINGS | ({} if self.durable else CARELESS) | self.settings
        command = [str(programs() / "postgres"), "-D", str(self.folder / "data")]
        command += ["-k", str(self.folder), *(f"-c{k}={v}" for k, v in settings.items())]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                _lowered(command), cwd=self.folder, stdout=log, stderr=log
            )
        until = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(self.log.read_text("utf-8", errors="replace"))
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is orderly and cuts connections, SIGQUIT is like a crash."""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(STOPS_WITHIN)
        self.process = None

    def _answers(self) -> bool:
        command = [str(programs() / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(command, check=False).returncode == 0


@contextmanager
def server(*, durable: bool = False, **settings: str) -> Iterator[Server]:
    """A running server, which is stopped and whose folder is removed at the end.

    Args:
        durable: whether it keeps what it acknowledged when the machine stops; slower.
        settings: more of its settings, by name.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short, as the path of a socket must be
    if os.geteuid() == 0:
        shutil.chown(folder, ACCOUNT, ACCOUNT)
    made = Server(folder, durable, settings)
    try:
        made.prepare()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _lowered(command: list[str]) -> list[str]:
    """The command as an account that may run it, and that ends when the tests are killed."""
    setpriv = shutil.which("setpriv")
    ends = [setpriv, "--pdeathsig=INT"] if setpriv else []
    if os.geteuid():
        return [*ends, *command]
    if setpriv:
        return [*ends, f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups", *command]
    return ["runuser", "-u", ACCOUNT, "--", *command]


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(_lowered(command), check=False, capture_output=True, cwd="/")


def main(file: str) -> None:
    """Write the folder of the programs into the file, or stop with a sentence."""
    if not find_postgres() and not os.environ.get("POSTGRES_BIN"):
        import debian  # noqa: PLC0415 - only set-up has its folder on the path

        debian.install("postgresql")
    found = find_postgres()
    if not found:
        sys.exit(MISSING)
    Path(file).write_text(f"{found}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
