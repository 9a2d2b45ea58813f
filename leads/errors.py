"""What the lead floor refuses. Doors map these to HTTP or to a sentence on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from crm.errors import DomainError


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field, said to a person, with a code for programs."""

    code: str
    message: str


class UnreadableBody(DomainError):
    """The bytes that came are no enquiry: not JSON, too deep, not UTF-8. Nothing is stored."""

    code = "malformed_body"


class InvalidEnquiry(DomainError):
    """The body was read, but a field cannot be used. Nothing is stored."""

    code = "invalid"

    def __init__(self, fields: dict[str, list[FieldProblem]]) -> None:
        super().__init__("Some fields need another look.")
        self.fields = fields


class IdempotencyConflict(DomainError):
    """The same Idempotency-Key came before with other fields."""

    code = "idempotency_key_reused"


class TooManySubmissions(DomainError):
    """A flood from one address."""

    code = "too_many_requests"


class UnknownFormKey(DomainError):
    code = "unknown_form_key"


class OriginNotAllowed(DomainError):
    code = "origin_not_allowed"


class ReasonNeeded(DomainError):
    """A lead is closed only with a reason."""

    code = "reason_needed"


class VisitStanding(DomainError):
    """The lead cannot leave `booked` while a visit stands."""

    code = "visit_standing"


class FollowUpClosed(DomainError):
    """The follow-up was already done, perhaps by somebody else a moment ago."""

    code = "follow_up_closed"
