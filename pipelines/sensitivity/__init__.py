"""Sensitivity of verdicts and named causes, measured with faults injected on purpose."""
