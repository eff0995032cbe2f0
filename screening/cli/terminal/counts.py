"""Numbers with what they count, in the English of the terminal."""


def words_of_count(count: int, noun: str) -> str:
    """A number with its noun, in the plural where it needs one."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
