"""Runs as files of other programs: NWB, NIX and SONATA, written and read."""
