"""A quarter in the life of an invented clinic, played through the real rules on a clock of its own.

For `DEV=1` only: its people, passwords and token are public. Nothing of it ever leaves the house.
"""

from leads.domain.demo.quarter import Seeded, seed

__all__ = ["Seeded", "seed"]
