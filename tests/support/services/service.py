"""The service as a process of its own, as it is really started, and a browser that talks to it."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import requests
from support.pages.page_reader import FoundForm, Page

COMMAND = [sys.executable, "-m", "screening"]
OURS = ("DATABASE_URL", "SCREENING_", "XDG_DATA_HOME")
PATIENCE = 30


def environment(folder: Path, **more: str) -> dict[str, str]:
    """This process's environment, with the records in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return kept | {"SCREENING_DATA": str(folder)} | more


@dataclass(slots=True)
class Service:
    """A running service. What it says is in two files."""

    process: subprocess.Popen[bytes]
    address: str
    said: Path
    complained: Path

    def stop(self) -> int:
        """Ask it to end; gives its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextmanager
def service(
    folder: Path,
    environ: Mapping[str, str],
    *words: str,
    command: str = "serve",
    port: int = 0,
    under: Sequence[str] = (),
) -> Iterator[Service]:
    """A service on a port, by default a free one, which is killed at the end if it still runs.

    ``under`` are the words of a command that becomes the service.
    """
    said, complained = folder / "stdout", folder / "stderr"
    with said.open("wb") as out, complained.open("wb") as err:
        line = [*under, *COMMAND, command, *words, "--port", str(port)]
        process = subprocess.Popen(line, stdout=out, stderr=err, env=dict(environ))
    try:
        yield Service(process, _address(process, said, complained), said, complained)
    finally:
        process.kill()
        process.wait()


def run(environ: Mapping[str, str], *words: str, status: int = 0) -> str:
    """What another command prints; it must end with a status."""
    line = [*COMMAND, *words]
    done = subprocess.run(line, env=dict(environ), capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass
class Browser:
    """Fills in forms as they stand on pages, and remembers cookies as a browser does."""

    address: str
    session: requests.Session = field(default_factory=requests.Session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, path: str, **options: object) -> requests.Response:
        """Open a page, after every redirection."""
        return self.session.get(self.address + path, timeout=PATIENCE, **options)  # type: ignore[arg-type]

    def page(self, path: str) -> Page:
        """The same, read."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return Page(answer.text)

    def post(self, path: str, data: object, **options: object) -> requests.Response:
        """Send anything."""
        where = self.address + path
        return self.session.post(where, data=data, timeout=PATIENCE, **options)  # type: ignore[arg-type]

    def press(self, path: str, button: str, **typed: str) -> requests.Response:
        """Open a page, type into the form that has a button, and press it."""
        return self.send(form_with(self.page(path), button), path, button, **typed)

    def send(self, form: FoundForm, path: str, button: str, **typed: str) -> requests.Response:
        """Send a form of a page with what was typed into it."""
        name, value, action = form.buttons[button]
        fields = [pair for pair in form.fields if pair[0] not in typed]
        fields += [*typed.items(), *([(name, value)] if name else [])]
        return self.post((action or form.action or path).removeprefix("/"), fields)

    def sign_in(self, email: str, password: str) -> requests.Response:
        """Type an address and a password into the form."""
        return self.press("account/sign-in", "Sign in", email=email, password=password)


def form_with(page: Page, button: str) -> FoundForm:
    """The form of a page that has a button."""
    return next(form for form in page.forms if button in form.buttons)


def _address(process: subprocess.Popen[bytes], said: Path, complained: Path) -> str:
    while process.poll() is None:
        if found := re.search(rb"https?://\S+/(?= )", said.read_bytes()):
            return found[0].decode()
        try:
            process.wait(0.05)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError(complained.read_text("utf-8"))
