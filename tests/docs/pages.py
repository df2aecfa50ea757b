"""What a page of the documentation tells its reader to do, as a shell script.

A block ```` ```sh ```` is carried out. A block with ``title="PATH"`` is written to that file. Both
in the order of the page, in one shell. A block below ``<!-- not carried out: REASON -->`` is left
out.
``ADDRESS`` is the address of the repository.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs"

_BLOCK = re.compile(
    r"(?:^<!-- not carried out: (?P<reason>.+?) -->\n)?"
    r"^```(?P<language>\w+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Step:
    """A block of a page: commands, or the text of a file."""

    text: str
    file: str | None = None


def steps(page: str) -> list[Step]:
    """Steps of a page, given as text, in order."""
    found = []
    for block in _BLOCK.finditer(page):
        if block["reason"] is None and (block["title"] or block["language"] == "sh"):
            found.append(Step(block["text"], block["title"]))
    return found


def script(page: str, address: str) -> str:
    """Shell script that carries out a page and ends at the first step that fails."""
    lines = ["set -euo pipefail"]
    for step in steps(page):
        if step.file is None:
            lines.append(re.sub(r"\bADDRESS\b", address, step.text))
        else:
            assert "\nEND_OF_FILE\n" not in step.text
            lines.append(f'mkdir -p "$(dirname {step.file})"')
            lines.append(f"cat >{step.file} <<'END_OF_FILE'\n{step.text}END_OF_FILE")
    return "\n".join(lines) + "\n"
