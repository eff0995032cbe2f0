"""Lines over doubling sizes as a picture in SVG, both axes in doublings."""

from collections.abc import Mapping, Sequence
from math import ceil, log2

from markupsafe import Markup

WIDTH, HEIGHT, MARGIN = 640, 400, 60
COLOURS = ("#005eb8", "#d5281b", "#007f3b", "#7c2855", "#ed8b00", "#330072", "#768692")


def plot(title: str, sizes: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """A picture of times beside the time at the first size; a straight dashed line is linear.

    Args:
        title: of the picture.
        sizes: each twice the one before.
        lines: by name, one time for each size.
    """
    ratios = {name: [each / times[0] for each in times] for name, times in lines.items()}
    linear = [size / sizes[0] for size in sizes]
    top = max(1, ceil(log2(max(max(each) for each in (*ratios.values(), linear)))))
    parts = [_text(MARGIN, 24, title, 16), *_axes(sizes, top)]
    parts.append(_line(linear, top, "#aeb7bd", dashed=True))
    for place, (name, ratio) in enumerate(ratios.items()):
        colour = COLOURS[place % len(COLOURS)]
        parts.append(_line(ratio, top, colour))
        parts.append(_text(MARGIN + 10, 50 + 18 * place, name, 13, colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return "\n".join([head, *parts, "</svg>", ""])


def _axes(sizes: Sequence[int], top: int) -> list[str]:
    parts = [
        _text(_across(place, len(sizes)), HEIGHT - MARGIN + 22, f"{size}", 12)
        for place, size in enumerate(sizes)
    ]
    for doubling in range(top + 1):
        height = _up(2.0**doubling, top)
        parts.append(_text(8, height + 4, f"{2**doubling} x", 12))
        parts.append(
            f'<path d="M{MARGIN} {height:.1f}H{WIDTH - MARGIN}" stroke="#e8edee" fill="none"/>'
        )
    return parts


def _line(ratios: Sequence[float], top: int, colour: str, *, dashed: bool = False) -> str:
    points = " ".join(
        f"{_across(place, len(ratios)):.1f},{_up(ratio, top):.1f}"
        for place, ratio in enumerate(ratios)
    )
    style = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<polyline points="{points}" stroke="{colour}" stroke-width="2" fill="none"{style}/>'


def _across(place: int, count: int) -> float:
    return MARGIN + place * (WIDTH - 2 * MARGIN) / max(1, count - 1)


def _up(ratio: float, top: int) -> float:
    return HEIGHT - MARGIN - max(0.0, log2(max(ratio, 1.0))) * (HEIGHT - 2 * MARGIN) / top


def _text(left: float, top: float, words: str, size: int, colour: str = "#212b32") -> str:
    return Markup(
        '<text x="{:.0f}" y="{:.0f}" font-size="{}" fill="{}" font-family="sans-serif">{}</text>'
    ).format(left, top, size, colour, words)
