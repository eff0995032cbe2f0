"""Text that a terminal shows and does not obey."""


def inert(text: str) -> str:
    """The text with everything that a terminal might obey shown as an escape."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\u{ord(c):04x}" for c in text)
