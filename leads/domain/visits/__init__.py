"""Visits, together with the lead they came of: book, move, cancel, attend, no-show, correct, money.

Each act is one transaction over lead, visit, link and messages. Locks are taken in one order everywhere:
the person's addresses where a lead may be opened, then lead, visit, location and messages.
"""

from leads.domain.visits.booking import book, cancel, confirm, move
from leads.domain.visits.linking import visit_stands
from leads.domain.visits.money import money_kept, record_payment
from leads.domain.visits.outcomes import attend, correct, no_show

__all__ = [
    "attend",
    "book",
    "cancel",
    "confirm",
    "correct",
    "money_kept",
    "move",
    "no_show",
    "record_payment",
    "visit_stands",
]
