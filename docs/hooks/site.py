"""Hook of MkDocs: fills in what is generated from the code, and pages that lie elsewhere.

In a page ``<!-- generated: NAME -->`` becomes what the function NAME of `reference` returns, and
``<!-- include: PATH -->`` the Markdown file at a path of the project, without its title.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import reference  # noqa: E402


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marks of a page."""
    markdown = re.sub(r"<!-- generated: (\w+) -->", _generated, markdown)
    return re.sub(r"<!-- include: (\S+) -->", _included, markdown)


def _generated(mark: re.Match[str]) -> str:
    return str(getattr(reference, mark[1])())


def _included(mark: re.Match[str]) -> str:
    text = (ROOT / mark[1]).read_text(encoding="utf-8")
    text = re.sub(r"\A# .*\n", "", text)
    # Links to files of the project lead nowhere on the site: their text stays.
    return re.sub(r"\[([^\]]+)\]\((?!#)[^)]*\)", r"\1", text)
