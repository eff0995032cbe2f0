"""Passwords: what one has to be like, and how it is hashed."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=47104, parallelism=1)
"""Argon2id; costs twice what OWASP's first recommendation (46 MiB, one round, one lane) does."""
SHORTEST, LONGEST = 12, 128
_PART = 4


def password_problem(password: str, email: str) -> str | None:
    """What is wrong with a new password, in a sentence for who chose it."""
    if len(password) < SHORTEST:
        return f"Enter a password of at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"Enter a password of at most {LONGEST} characters"
    folded, (local, _, _) = password.casefold(), email.casefold().partition("@")
    if local and (email.casefold() in folded or (len(local) >= _PART and local in folded)):
        return "Enter a password without your e-mail address in it"
    if len(set(folded)) < _PART:
        return "Enter a password of more than three different characters"
    return None


def hash_password(password: str) -> str:
    """Argon2id's hash, with all that is needed to verify it."""
    return HASHER.hash(unicodedata.normalize("NFKD", password))


def is_password(password: str, hashed: str | None) -> bool:
    """Whether a hash is that of a password."""
    try:
        return HASHER.verify(hashed or "", unicodedata.normalize("NFKD", password))
    except (VerificationError, InvalidHashError):
        return False
