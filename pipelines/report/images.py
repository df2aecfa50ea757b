"""Pictures embedded in an HTML page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow


@dataclass(frozen=True)
class Image:
    """A picture as a data URI, with its size.

    Attributes
    ----------
    source
        Data URI of the PNG.
    alt
        Alternative text.
    width, height
        Size in pixels, which lets a browser lay out the page before it decodes the picture.
    """

    source: str
    alt: str
    width: int
    height: int


def image_of(path: Path, alt: str) -> Image:
    """Read a PNG file as an `Image` with the alternative text `alt`."""
    with Pillow.open(path) as picture:
        width, height = picture.size
    content = base64.b64encode(path.read_bytes()).decode()
    return Image(f"data:image/png;base64,{content}", alt, width, height)
