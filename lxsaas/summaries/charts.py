"""Charts as pictures for documents, drawn with digits only: what the numbers mean stands in the text beside.

No typeface with Chinese characters is needed, and none is shipped.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1500, 660
_SCALE = 2
"""Drawn so much larger and scaled down, for smooth lines."""
INKS = ("#1f5fa8", "#b4501e", "#3d7a3a")
_GRID, _TEXT = "#d0d4da", "#3a4048"
_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 90, 40, 70


class _Canvas:
    def __init__(self, height: int = HEIGHT) -> None:
        self.height = height
        self.image = Image.new("RGB", (WIDTH * _SCALE, height * _SCALE), "white")
        self.draw = ImageDraw.Draw(self.image)
        self.font = ImageFont.load_default(28 * _SCALE)

    def line(self, points: Sequence[tuple[float, float]], ink: str, width: int) -> None:
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self.draw.line(scaled, fill=ink, width=width * _SCALE, joint="curve")

    def box(self, left: float, top: float, right: float, bottom: float, ink: str) -> None:
        self.draw.rectangle([value * _SCALE for value in (left, top, right, bottom)], fill=ink)

    def mark(self, x: float, y: float, shape: int, ink: str) -> None:
        """A disc, a square or a diamond: lines are told apart without colour too."""
        size = 9
        corners = {
            1: [(x - size, y - size), (x + size, y - size), (x + size, y + size), (x - size, y + size)],
            2: [(x, y - 13), (x + 13, y), (x, y + 13), (x - 13, y)],
        }
        if shape in corners:
            self.draw.polygon([(a * _SCALE, b * _SCALE) for a, b in corners[shape]], fill=ink)
        else:
            self.draw.ellipse([value * _SCALE for value in (x - 10, y - 10, x + 10, y + 10)], fill=ink)

    def text(self, x: float, y: float, said: str, ink: str = _TEXT, anchor: str = "mm") -> None:
        self.draw.text((x * _SCALE, y * _SCALE), said, fill=ink, font=self.font, anchor=anchor)

    def png(self) -> bytes:
        buffer = io.BytesIO()
        shown = self.image.resize((WIDTH, self.height), Image.Resampling.LANCZOS)
        shown.quantize(64).save(buffer, "PNG", optimize=True)
        return buffer.getvalue()


def course(labels: Sequence[str], series: Sequence[Sequence[float | None]]) -> bytes:
    """Rates over the months, a line each; numbered from 1 at their ends. None is a gap."""
    canvas = _Canvas()
    bottom, right = HEIGHT - _BOTTOM, WIDTH - _RIGHT
    step = (right - _LEFT) / max(len(labels) - 1, 1)

    def at(number: int, rate: float) -> tuple[float, float]:
        return _LEFT + step * number, bottom - rate * (bottom - _TOP)

    for tick in range(0, 101, 20):
        y = at(0, tick / 100)[1]
        canvas.line([(_LEFT, y), (right, y)], _GRID, 2)
        canvas.text(_LEFT - 16, y, f"{tick}%", anchor="rm")
    for number, label in enumerate(labels):
        canvas.text(at(number, 0)[0], bottom + 34, label)
    taken: list[float] = []
    for place, rates in enumerate(series):
        points = [None if rate is None else at(number, rate) for number, rate in enumerate(rates)]
        known = _draw_line(canvas, points, place)
        if known:
            y = _free(known[-1][1], taken)
            taken.append(y)
            canvas.text(known[-1][0] + 40, y, str(place + 1), INKS[place % len(INKS)])
    return canvas.png()


def _draw_line(
    canvas: _Canvas, points: Sequence[tuple[float, float] | None], place: int
) -> list[tuple[float, float]]:
    """One line with its marks; the points that are known."""
    ink = INKS[place % len(INKS)]
    for here, there in zip(points, points[1:], strict=False):
        if here is not None and there is not None:
            canvas.line([here, there], ink, 5)
    known = [point for point in points if point is not None]
    for point in known:
        canvas.mark(*point, place % 3, ink)
    return known


def _free(y: float, taken: Sequence[float]) -> float:
    """The nearest height at which a number does not lie over another."""
    for shift in (0, 32, -32, 64, -64, 96):
        if all(abs(y + shift - other) >= 30 for other in taken):
            return y + shift
    return y


def bars(rates: Sequence[float | None]) -> bytes:
    """A bar for each rate, numbered from 1, the rate beside it; None leaves its bar away."""
    row = 46
    canvas = _Canvas(max(len(rates), 1) * row + 90)
    right = WIDTH - 170
    for tick in range(0, 101, 20):
        x = _LEFT + (right - _LEFT) * tick / 100
        canvas.line([(x, 20), (x, canvas.height - 60)], _GRID, 2)
        canvas.text(x, canvas.height - 34, f"{tick}%")
    for number, rate in enumerate(rates):
        y = 40 + number * row
        canvas.text(_LEFT - 16, y, str(number + 1), anchor="rm")
        if rate is not None:
            end = _LEFT + (right - _LEFT) * min(rate, 1)
            canvas.box(_LEFT, y - 14, end, y + 14, INKS[0])
            canvas.text(end + 12, y, f"{rate:.1%}", anchor="lm")
    return canvas.png()
