"""Pictures embedded in an HTML page."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from PIL import Image as Pillow

# Formats of figures, the best to print first.
_ENDINGS = (".pdf", ".svg", ".png")


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
    files
        Format and address, relative to the page, of each file with this picture.
    """

    source: str
    alt: str
    width: int
    height: int
    files: tuple[tuple[str, str], ...] = ()


def image_of(path: Path, alt: str, page_folder: Path | None = None) -> Image:
    """Read a PNG file as an `Image` with the alternative text `alt`.

    Parameters
    ----------
    path
        The file; those of other formats that have its name belong to it.
    alt
        Alternative text.
    page_folder
        Folder of the page, which links to the files; None for a page without links.
    """
    with Pillow.open(path) as picture:
        width, height = picture.size
    content = base64.b64encode(path.read_bytes()).decode()
    files = [path.with_suffix(ending) for ending in _ENDINGS]
    linked = tuple(
        (file.suffix[1:].upper(), quote(os.path.relpath(file, page_folder)))
        for file in files
        if page_folder is not None and file.is_file()
    )
    return Image(f"data:image/png;base64,{content}", alt, width, height, linked)
