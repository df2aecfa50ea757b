"""Set-up of the scripts of the workflow: logging, environment variables and errors."""

import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.errors import CounterpointError, DamagedResult
from pipelines.experiment.code_errors import Attempt
from pipelines.tables.error_files import PartError, write_errors

# Nothing here uses more than one thread by itself; libraries must not either. NumPy reads this
# when it is imported, which is before the job begins.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A simulator with MPI joins it when it is imported. This process is alone, also as a step of
# SLURM's: it is not to be taken for one of several, nor its end for a failure of all.
for name in [*os.environ]:
    if name.startswith(("PMI_", "PMIX_", "SLURM_STEP")):
        del os.environ[name]


def end_quietly(kind, error, trace) -> None:
    """Let a job that is interrupted end without a traceback: the workflow says that it was."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = end_quietly


def report_error(experiment: str, part: str, name: str, outcome: Attempt, file: str) -> None:
    """Write how a part of an experiment ended to its file of errors, and an error to the terminal.

    That a module cannot be used at all was said when the workflow began.
    """
    errors = [PartError(part, name, outcome.error)] if outcome.error else []
    write_errors(file, errors)
    if errors and not outcome.at_import:
        sys.stderr.write(f"{experiment}  {errors[0]}\n")


@contextmanager
def job(log_file: str) -> Iterator[None]:
    """Send warnings and tracebacks to the log; an error is one line on the terminal."""
    log = Path(log_file)
    log.parent.mkdir(parents=True, exist_ok=True)
    logging.captureWarnings(True)
    logging.basicConfig(filename=log, level=logging.WARNING, format="%(message)s")
    try:
        yield
    except Exception as error:
        with log.open("a") as file:
            traceback.print_exc(file=file)
        what = str(error) if isinstance(error, CounterpointError) else repr(error)
        if isinstance(error, DamagedResult) and error.path and error.path.parent in log.parents:
            # A table of these results; the next workflow makes it again.
            error.path.unlink(missing_ok=True)
            what = f"{what}; the same command again makes this table again"
        sys.stderr.write(f"{what} (more in {log})\n")
        sys.exit(1)
