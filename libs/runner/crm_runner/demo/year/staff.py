"""How the colleagues of the demo differ: who is quick and wins, who forgets, who is new."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """A salesperson's ways. Shares of all deals; chances; days a stage takes, compared with the usual.

    `since_days`: for how long they have been here. `back_min`: minutes until a missed call is returned, from to.
    """

    share: float
    wins: float
    misses: float
    forgets: float
    back_min: tuple[int, int]
    pace: float
    writes: float
    plans: float
    since_days: int
    reasons: tuple[tuple[str, int], ...]


_USUAL = (("Price", 34), ("Chose a competitor", 22), ("Postponed", 22), ("No answer", 12), ("Not needed any more", 10))
_LATE = (("Price", 16), ("Chose a competitor", 34), ("Postponed", 12), ("No answer", 32), ("Not needed any more", 6))
MANNERS: dict[str, Manner] = {
    "Ana": Manner(0.30, 0.52, 0.06, 0.01, (3, 22), 0.75, 0.95, 0.92, 400, _USUAL),
    "Boris": Manner(0.27, 0.22, 0.27, 0.42, (150, 1_700), 1.6, 0.35, 0.45, 400, _LATE),
    "Petra": Manner(0.13, 0.40, 0.10, 0.04, (10, 90), 1.0, 0.85, 0.80, 400, _USUAL),
    "Tina": Manner(0.18, 0.37, 0.12, 0.05, (15, 120), 1.0, 0.80, 0.80, 400, _USUAL),
    "Cene": Manner(0.20, 0.30, 0.15, 0.10, (30, 240), 1.15, 0.90, 0.70, 70, _USUAL),
}
MENTOR = {"Cene": "Tina"}
"""Whose customers were handed to the new one; before that day they were the mentor's."""
