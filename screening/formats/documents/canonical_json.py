"""Canonical JSON (RFC 8785), by the standard library wherever that gives the same bytes.

Its encoder is written in C, the reference library in Python: a recorded assessment takes a third of
the time. Digests are made of these bytes; tests hold all kinds of data against the library.
"""

import json
from typing import Any, cast

import rfc8785

_GREATEST = 2**53 - 1
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def write_canonical(data: Any) -> bytes:  # noqa: ANN401 - JSON data has no narrower type
    """The canonical JSON of data.

    Raises:
        rfc8785.CanonicalizationError: if JSON does not hold it, or only with loss.
    """
    return _encode(data).encode() if _is_simple(data) else rfc8785.dumps(data)


def _is_simple(data: object) -> bool:
    """True of data that both write alike: no fractions, no great numbers, names in ASCII."""
    if isinstance(data, str):
        return True
    if isinstance(data, dict):
        known = cast("dict[str, object]", data)
        named = set(map(type, known)) <= {str} and all(map(str.isascii, known))
        return named and all(map(_is_simple, known.values()))
    if isinstance(data, list | tuple):
        return all(map(_is_simple, cast("list[object]", data)))
    if isinstance(data, int):
        return -_GREATEST <= data <= _GREATEST
    return data is None
