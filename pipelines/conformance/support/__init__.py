"""The support matrix: what of PyNN each backend gives exactly, and what it refuses.

A row is a small PyNN program that uses one construct. It is run on every backend, and what it
gives is compared with the reference backend, or with the first backend that has the construct.
"""
