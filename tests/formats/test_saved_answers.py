"""A file of answers is read strictly, and holds what was written."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.formats.documents.saved_answers import (
    FileFault,
    FileFaultError,
    read_saved,
    write_saved,
)

DAY = dt.date(2026, 11, 20)
KNOWN = {"q-age", "q-cause"}
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOWN)), VALUES), max_size=20))
def test_what_was_written_is_read(fields: list[tuple[str, str]]) -> None:
    saved = read_saved(write_saved(fields, DAY), KNOWN)
    assert (saved.fields, saved.saved_on, saved.unknown) == (fields, DAY, [])


def test_a_name_that_is_not_known_is_told_once_and_not_read() -> None:
    odd = [("q-age", "7"), ("x", "1"), ("x", "2")]
    saved = read_saved(write_saved(odd, DAY), KNOWN)
    assert saved.fields == [("q-age", "7")]
    assert saved.unknown == ["x"]


@given(st.binary(max_size=300))
def test_no_file_is_a_failure(data: bytes) -> None:
    with pytest.raises(FileFaultError) as error:
        read_saved(data, KNOWN)
    assert error.value.fault in FileFault


def test_no_message_holds_what_is_in_the_file() -> None:
    with pytest.raises(FileFaultError) as error:
        read_saved(b'{"file": "secret"}', KNOWN)
    assert "secret" not in str(error.value)
