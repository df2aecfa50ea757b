"""The lock of a dead snakemake is released, that of a living one is not."""

import os
import subprocess
import sys

from pipelines.workflow.lock import release_stale_lock

HOLD = """
import sys
from pipelines.workflow.lock import release_stale_lock
lock = release_stale_lock(sys.argv[1])
print("held" if lock else "not held", flush=True)
sys.stdin.read()
"""


def locks_of(folder):
    """Lock files as Snakemake makes them."""
    locks = folder / ".snakemake" / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / "0.output.lock").write_text("results/report.html")
    return locks


def test_the_lock_of_a_process_is_kept_until_it_is_killed(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "held\n"
        locks = locks_of(tmp_path)
        assert release_stale_lock(tmp_path) is None
        assert locks.exists()
    finally:
        process.kill()
        process.communicate()
    lock = release_stale_lock(tmp_path)
    assert lock is not None and not locks.exists()
    lock.release()


def test_a_folder_that_cannot_be_written_is_left_to_snakemake(tmp_path):
    (tmp_path / ".snakemake").write_text("a file where a folder is wanted")
    assert release_stale_lock(tmp_path) is None
    assert os.listdir(tmp_path) == [".snakemake"]
