"""The report: one self-contained page about everything that was run."""
