"""Pictures as parts of a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow


@dataclass(frozen=True)
class Image:
    """A picture, ready to be put into a page.

    Attributes
    ----------
    source
        Data URI.
    alt
        What it shows, in words.
    width, height
        In pixels: a browser that knows them moves no text when it has read the picture.
    """

    source: str
    alt: str
    width: int
    height: int


def image_of(path: Path, alt: str) -> Image:
    """Read a PNG."""
    with Pillow.open(path) as picture:
        width, height = picture.size
    content = base64.b64encode(path.read_bytes()).decode()
    return Image(f"data:image/png;base64,{content}", alt, width, height)
