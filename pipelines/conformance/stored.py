"""Tables about an installation, worked out once for its code, versions and machine.

What a backend gives follows from nothing else, so that a new folder of results need not wait for
it: three minutes of one core, of ten that all quick profiles take.
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


def store_table(name: str, path: Path, basis: Any, work_out: Callable[[], pd.DataFrame]) -> None:
    """Write a table, from an earlier time if it was worked out from the same.

    Parameters
    ----------
    name
        Which table: a key of `pipelines.tables.schemas.SCHEMAS`.
    path
        The file to write.
    basis
        All that the table follows from beside the machine, as plain values: fingerprints of code,
        versions, options.
    work_out
        Gives the table; called if there is none that can be read.

    Raises
    ------
    CounterpointError
        If `path` cannot be written.
    """
    machine = (platform.platform(), platform.processor(), platform.node())
    key = hashlib.sha256(json.dumps([name, basis, machine], sort_keys=True).encode()).hexdigest()
    earlier = platformdirs.user_cache_path("counterpoint") / name / f"{key[:32]}.parquet"
    try:
        read_table(earlier, name)
    except CounterpointError:
        write_table(name, work_out(), path)
        try:
            write_bytes(earlier, path.read_bytes())
        except (CounterpointError, OSError) as error:
            logging.warning("not kept for the next time: %s", error)
    else:
        logging.warning("worked out earlier, with the same code and versions: %s", earlier)
        write_bytes(path, earlier.read_bytes())
