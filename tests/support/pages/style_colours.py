"""The colours that a style sheet names, and the contrast between two of them."""

import re

ROOT = re.compile(r":root \{(.*?)\}", re.DOTALL)
COLOUR = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")


def schemes(css: str) -> dict[str, dict[str, str]]:
    """The colours by name, in the light scheme and in the dark one, which changes some of them."""
    light, dark, *_ = (dict(COLOUR.findall(each)) for each in ROOT.findall(css))
    return {"light": light, "dark": light | dark}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.2: from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour such as #1b4a3d."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
