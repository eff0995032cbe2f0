"""The table in a file, by the ending of its name."""

from collections.abc import Callable
from pathlib import Path

from screening.batch.tables.csv_source import CsvSource
from screening.batch.tables.json_source import JsonSource
from screening.batch.tables.parquet_source import ParquetSource
from screening.batch.tables.slices import Source
from screening.errors import MissingFileError, WrongCallError
from screening.translation import mark

FORMATS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}


class FormatError(WrongCallError):
    """The ending of a file's name is not that of a format that is read or written."""

    def __init__(self, name: str) -> None:
        """Name the file."""
        message = mark("the name “{name}” must end in .csv, .ndjson, .jsonl or .parquet")
        super().__init__(message, name=name)


def open_source(path: Path) -> Source:
    """The table in a file.

    Raises:
        FormatError: if the name of the file tells no format.
        MissingFileError: if it cannot be read.
        ColumnsError: if it has no columns that can be read.
    """
    sources: dict[str, Callable[[Path], Source]] = {
        "csv": CsvSource,
        "ndjson": JsonSource,
        "parquet": ParquetSource,
    }
    try:
        return sources[format_of(path)](path)
    except OSError as error:
        raise MissingFileError(str(path), error.strerror or "it cannot be opened") from None


def format_of(path: Path) -> str:
    """The format that the ending of a name tells."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        raise FormatError(path.name) from None
