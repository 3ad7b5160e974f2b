"""Python's cyclic garbage collector, for a process that serves for months. The simulator has no need of it."""

import gc

ALLOCATIONS = 50_000
"""New objects between two collections, which the default has at 700. Measured: 5 % of a payment's CPU (ADR 0018)."""

OLDER, OLDEST = 20, 100
"""Collections of the young before one of those that survived, and so on: the oldest are a worker's cached workflows."""


def tune() -> None:
    """Leave alone what was made at the start, and look less often at the rest."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, OLDER, OLDEST)
