"""Conformance of PyNN backends, checked against closed forms and an independent reference."""
