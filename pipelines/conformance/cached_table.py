"""Cache of tables on an installation, computed once for its code, versions and machine.

The tables depend on nothing else, so that a new folder of results can reuse them. They take over a
quarter of the processor time of all quick profiles.
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

# Column that says whether a row is as it should be. A failure may come from an overloaded machine,
# so a table with failures is not cached.
_PASSED_COLUMN = {"conformance": "expected", "support": "conforms"}


def store_table(name: str, path: Path, basis: Any, compute: Callable[[], pd.DataFrame]) -> None:
    """Write a table from the cache, or compute it and add it to the cache.

    A table with a failure is written, but not cached.

    Parameters
    ----------
    name
        Name of the table: "conformance" or "support".
    path
        The file to write.
    basis
        Everything that the table depends on besides the machine, as plain values: fingerprints
        of code, versions, options.
    compute
        Function that computes the table; called if no cached table can be read.

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
