"""The support matrix: constructs of PyNN that each backend simulates exactly or refuses.

A row is a small PyNN program that uses one construct. It is run on every backend, and its results
are compared with the reference backend, or with the first backend that has the construct.
"""
