"""Small changes to words."""


def capital(words: str) -> str:
    """Words as they begin a sentence. Only the first letter changes."""
    return words[:1].upper() + words[1:]
