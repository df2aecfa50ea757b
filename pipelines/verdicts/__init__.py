"""Verdicts: whether backends agree with each other and with what an experiment must show."""
