"""The secrets of an installation beside its keyring: each in a file of the data folder."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from screening.errors import ScreeningError
from screening.records.installation.private_files import (
    folder_errors,
    make_folder,
    one_at_a_time,
    write_private,
)
from screening.records.installation.settings import MIN_SECRET, Settings
from screening.records.ledger.signed_head import Signer

SECRET = "secret"  # noqa: S105 - the name of the file that holds it
SIGNER = "ledger.key"
PASSWORDS = "demo-passwords.json"


class NotThereError(ScreeningError):
    """A secret is missing which only a new installation makes."""

    def __init__(self, what: str, place: Path, makes: str) -> None:
        """Name the secret, the place that was looked in, and what would make a new one."""
        super().__init__(
            f"there is no {what} in {place}; put it back from where you keep its copy, or set"
            f" SCREENING_DATA to the folder that has it. For a new installation, {makes} makes one"
        )


def missing_secrets(settings: Settings) -> tuple[str, ...]:
    """The secrets that an installation needs beside the keyring, and no backup holds; in words."""
    missing = []
    if not settings.secret and not (settings.folder / SECRET).exists():
        words = (
            "the signing secret; without it everybody has to set up their authenticator app again"
        )
        missing.append(f"{words} ({settings.folder / SECRET}, or SCREENING_SECRET_KEY)")
    if not (settings.folder / SIGNER).exists():
        words = "the key that signs the ledger; without it a witness refuses new heads"
        missing.append(f"{words} ({settings.folder / SIGNER})")
    heads = settings.heads_file.parent
    if heads != settings.folder and not heads.is_dir():
        missing.append(f"the folder for signed heads ({heads}, from SCREENING_HEADS_FOLDER)")
    return tuple(missing)


def open_secret(settings: Settings, *, make: bool = True) -> str:
    """The secret that signs cookies and links; made at the first start.

    Raises:
        NotThereError: if there is none, and none is to be made.
    """
    if settings.secret:
        return settings.secret
    path = settings.folder / SECRET
    if not make and not path.exists():
        what = "signing secret (or SCREENING_SECRET_KEY in the environment)"
        raise NotThereError(what, path, "`screening keys make`")
    with one_at_a_time(settings), folder_errors(path):
        if not path.exists():
            make_folder(settings.folder)
            write_private(path, secrets.token_hex(MIN_SECRET))
        return path.read_text("ascii").strip()


def open_signer(settings: Settings, *, make: bool = True) -> Signer:
    """The key that signs heads of the ledger; made when it is first needed.

    Raises:
        HeadError: if the file holds no key.
        NotThereError: if there is none, and none is to be made.
    """
    path = settings.folder / SIGNER
    if not make and not path.exists():
        raise NotThereError("signing key of the ledger", path, "`screening ledger key`")
    with one_at_a_time(settings), folder_errors(path):
        if not path.exists():
            make_folder(settings.folder)
            write_private(path, Signer.make().write())
        return Signer.read(path.read_text("ascii"))


def keep_passwords(settings: Settings, given: Mapping[str, str]) -> None:
    """Keep the passwords of a demonstration, which guard nothing, for its next start."""
    with folder_errors(settings.folder / PASSWORDS):
        write_private(settings.folder / PASSWORDS, json.dumps(given))


def kept_passwords(settings: Settings) -> dict[str, str]:
    """The passwords of a demonstration; none if none were kept."""
    path = settings.folder / PASSWORDS
    with folder_errors(path):
        read: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return read
