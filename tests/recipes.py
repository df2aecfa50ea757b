"""The code blocks of CONTRIBUTING.md, by the file that the first line of each names."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def recipes() -> dict[str, str]:
    """Text of each file that CONTRIBUTING.md shows, by its path in the project."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n# (\S+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len({path for path, _ in blocks}) == len(blocks)
    return dict(blocks)


def write_recipes(folder: Path, below: str) -> None:
    """Write those files of CONTRIBUTING.md whose path begins with `below` into a project."""
    found = {path: text for path, text in recipes().items() if path.startswith(below)}
    assert found, f"CONTRIBUTING.md shows no file in {below}"
    for path, text in found.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
