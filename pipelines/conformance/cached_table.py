"""Tables about an installation, worked out once for its code, versions and machine.

What a backend gives depends on nothing else, so a new folder of results need not wait for it. That
is over a quarter of the processor time of all quick profiles.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import platformdirs

from pipelines.atomic import write_bytes
from pipelines.errors import CounterpointError
from pipelines.tables.files import read_table, write_table

# Column that says whether a row is as it should be. What is not may come from a full machine, and
# is looked at again the next time.
_PASSED_COLUMN = {"conformance": "expected", "support": "conforms"}


def store_table(name: str, path: Path, basis: Any, compute: Callable[[], pd.DataFrame]) -> None:
    """Write a table: the one of an earlier time, if there is one that depends on the same.

    A table with a failure in it is written, and not kept for the next time.

    Parameters
    ----------
    name
        Which table: "conformance" or "support".
    path
        The file to write.
    basis
        All that the table depends on beside the machine, as plain values: fingerprints of code,
        versions, options.
    compute
        Gives the table; called if there is none that can be read.

    Raises
    ------
    CounterpointError
        If `path` cannot be written.
    """
    machine = (platform.platform(), platform.processor(), platform.node())
    key = hashlib.sha256(json.dumps([name, basis, machine], sort_keys=True).encode()).hexdigest()
    cached_file = platformdirs.user_cache_path("counterpoint") / name / f"{key[:32]}.parquet"
    try:
        read_table(cached_file, name)
    except CounterpointError:
        table = compute()
        write_table(name, table, path)
        if not table[_PASSED_COLUMN[name]].all():
            return
        try:
            write_bytes(cached_file, path.read_bytes())
        except (CounterpointError, OSError) as error:
            logging.warning("not kept for the next time: %s", error)
    else:
        logging.warning("worked out earlier, with the same code and versions: %s", cached_file)
        write_bytes(path, cached_file.read_bytes())
