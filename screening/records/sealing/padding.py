"""Padding: plain text is filled up to whole blocks before it is sealed.

A cipher hides what a text says and not how long it is: ``true`` and ``false`` differ by a byte.
Nearly all texts of a kind fit into one block of that kind, so their length shows nothing. The
length of a longer text shows only how many blocks it takes.

JSON ignores the spaces at its end, and compressed data says where it ends, so nothing has to be
removed from a padded text.
"""

CASE = 3_072
"""The summary of a case. By the shipped rules all of them fit, with every sign and every chase;
and a row of this length still fits on one page of SQLite."""
NOTE = 1_024
"""A note, a decision or a handover: some 150 words beside what else it holds."""
CASE_NOTE = 2_560
"""A note on an emergency: the longest names, or the longest reason, in any script."""
CONTENT = 8_192
"""An assessment, compressed: by the shipped rules at most some 6,000 bytes."""


def pad(plain: bytes, block: int) -> bytes:
    """Fill a text up with spaces to a whole number of blocks."""
    return plain.ljust(-(-len(plain) // block) * block)
