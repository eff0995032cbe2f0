"""The address and the code of a password link, one for each of the two administrators.

Both are derived from the signing secret and the number of the proposal; neither is stored.
"""

import hmac

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
EXAMPLE = "7f9f9-a376w"
"""An example of a code, for a person who has to type one."""
_CODE_LETTERS, _PART = 10, 5


def link_handle(secret: str, number: int) -> str:
    """The last part of a link's address, which only the proposer sees."""
    return f"{number}-{_derived(secret, f'link {number}').hex()[:40]}"


def number_of(secret: str, handle: str) -> int | None:
    """The proposal of a link; None if we made no such link."""
    text = handle.partition("-")[0]
    if not (text.isascii() and text.isdecimal() and len(text) < len(str(2**31))):
        return None
    good = link_handle(secret, int(text))
    return int(text) if hmac.compare_digest(handle.encode(), good.encode()) else None


def link_code(secret: str, number: int) -> str:
    """The code of a link, which only the approver sees."""
    drawn = _derived(secret, f"code {number}")
    code = "".join(LETTERS[each % len(LETTERS)] for each in drawn[:_CODE_LETTERS])
    return f"{code[:_PART]}-{code[_PART:]}"


def is_code(secret: str, number: int, typed: str) -> bool:
    """True if somebody typed the code of a link, in whatever way."""
    letters = "".join(each for each in typed.casefold() if each.isalnum())
    good = link_code(secret, number).replace("-", "")
    return hmac.compare_digest(letters.encode("utf-8", "replace"), good.encode())


def _derived(secret: str, purpose: str) -> bytes:
    return hmac.digest(secret.encode(), f"screening proposals {purpose}".encode(), "sha256")
