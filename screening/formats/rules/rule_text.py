"""Rule files as they are given: bytes, with nothing read of them yet."""

from typing import NamedTuple

QUESTIONS = "questions"
"""The name of the question bank among the rule files."""


class RuleText(NamedTuple):
    """The bytes of a rule file, and the name under which its problems are reported."""

    source: str
    data: bytes
