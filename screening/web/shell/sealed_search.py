"""A person's search text, on its way through addresses that must not show it.

A search is posted; the page it leads to has an address that can be reloaded, sorted and gone back
to. The text is sealed there. The key is made for each sign-in and kept in its session on the
server, the sealed text in the address alone: neither shows anything without the other, and once the
session has ended no address that was left in a history can be read again by anyone.
"""

import base64
import binascii
import secrets

from flask import session

from screening.formats.referrals.text import clean_text
from screening.records.sealing.vault import KEY_BYTES, DataKey, SealError

LONGEST = 120
_KEY = "find_key"
_PADDED = 64


def seal_text(text: str) -> str:
    """A searched text as it may stand in an address; empty if nothing is searched for."""
    words = clean_text(text)[:LONGEST]
    if not words:
        return ""
    plain = words.encode()
    padded = plain.ljust(-(-len(plain) // _PADDED) * _PADDED, b"\0")  # nor tells its length much
    return base64.urlsafe_b64encode(_key().seal(padded, "find")).decode().rstrip("=")


def read_text(sealed: str) -> str | None:
    """The text that was sealed in this session; None for one of another session, or none at all."""
    try:
        data = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        return _key().unseal(data, "find").rstrip(b"\0").decode()
    except (SealError, ValueError, binascii.Error):
        return None


def _key() -> DataKey:
    if _KEY not in session:
        session[_KEY] = secrets.token_hex(KEY_BYTES)
    return DataKey("find", bytes.fromhex(session[_KEY]))
