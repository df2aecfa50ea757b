"""Syntax that is kept for other processes: the same as parsed, and done without if need be."""

import os

import pytest

from pipelines import syntax, syntax_cache
from pipelines.errors import BadInput


@pytest.fixture
def process(tmp_path, monkeypatch):
    """Forget what this process knows, as a new one would; returns how often one parses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    parsed = []
    read = syntax.read

    def counted(content, name):
        parsed.append(name)
        return read(content, name)

    monkeypatch.setattr(syntax, "read", counted)

    def begin():
        monkeypatch.setattr(syntax_cache, "_found", {})
        monkeypatch.setattr(syntax_cache, "_saved", 0)
        for cached in (syntax_cache._of_version, syntax_cache._kept, syntax_cache._file):
            cached.cache_clear()
        parsed.clear()
        return parsed

    yield begin
    begin()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "some.py"
    path.write_text('"""What it is."""\nimport b\nfrom . import a\nx = 1\n')
    return path


def the_cache(tmp_path):
    (kept,) = (tmp_path / "cache" / "counterpoint").iterdir()
    return kept


def test_another_process_need_not_parse(process, file):
    parsed = process()
    first = syntax_cache.of(file)
    assert first.imports == (".", ".a", "b")
    syntax_cache.save()
    assert len(parsed) == 1
    process()
    assert syntax_cache.of(file) == first == syntax.Syntax(*first)
    assert not parsed


def test_content_counts_not_the_time_of_a_file(process, file):
    parsed = process()
    first = syntax_cache.of(file)
    syntax_cache.save()
    process()
    os.utime(file, (0, 0))
    assert syntax_cache.of(file) == first
    assert not parsed
    # The same size and time, in another process.
    file.write_text(file.read_text().replace("x = 1", "x = 2"))
    os.utime(file, (0, 0))
    process()
    assert syntax_cache.of(file).digest != first.digest
    assert len(parsed) == 1


@pytest.mark.parametrize("where", ["in the middle", "at the end", "all"])
def test_what_is_damaged_is_done_without(process, file, tmp_path, where):
    parsed = process()
    first = syntax_cache.of(file)
    syntax_cache.save()
    kept = the_cache(tmp_path)
    content = bytearray(kept.read_bytes())
    match where:
        case "in the middle":
            content[len(content) // 2] ^= 1
        case "at the end":
            del content[-5:]
        case "all":
            content.clear()
    kept.write_bytes(content)
    process()
    assert syntax_cache.of(file) == first
    assert len(parsed) == 1
    syntax_cache.save()
    process()
    assert syntax_cache.of(file) == first
    assert not parsed


def test_a_cache_that_cannot_be_written_is_done_without(process, file, tmp_path):
    (tmp_path / "cache").write_text("a file where a folder is wanted")
    process()
    first = syntax_cache.of(file)
    syntax_cache.save()
    assert syntax_cache.of(file) == first


def test_processes_add_to_what_others_kept(process, file, tmp_path):
    process()
    syntax_cache.of(file)
    syntax_cache.save()
    other = tmp_path / "other.py"
    other.write_text("y = 1")
    parsed = process()
    syntax_cache.of(other)
    syntax_cache.save()
    process()
    syntax_cache.of(file)
    syntax_cache.of(other)
    assert not parsed


def test_nothing_is_written_for_nothing_new(process, file, tmp_path):
    process()
    syntax_cache.of(file)
    syntax_cache.save()
    before = the_cache(tmp_path).stat().st_mtime_ns
    process()
    syntax_cache.of(file)
    syntax_cache.save()
    assert the_cache(tmp_path).stat().st_mtime_ns == before


def test_it_stays_small(process, file, tmp_path, monkeypatch):
    monkeypatch.setattr(syntax_cache, "_MOST", 1)
    parsed = process()
    syntax_cache.of(file)
    syntax_cache.save()
    other = tmp_path / "other.py"
    other.write_text("y = 1")
    process()
    syntax_cache.of(other)
    syntax_cache.save()
    process()
    syntax_cache.of(other)
    assert not parsed
    syntax_cache.of(file)
    assert len(parsed) == 1


def test_what_is_not_python_is_not_kept(process, tmp_path):
    process()
    broken = tmp_path / "broken.py"
    broken.write_text("x = (")
    for _ in range(2):
        with pytest.raises(BadInput, match=r"broken\.py:1.*not valid Python"):
            syntax_cache.of(broken)
    syntax_cache.save()
    assert not (tmp_path / "cache").exists()
