"""What the house refuses, and says so: every expected refusal is a DomainError with a stable code."""

from __future__ import annotations


class DomainError(Exception):
    """A foreseen refusal. `code` is stable and for programs; the text is one sentence for a person."""

    code = "refused"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class TransitionNotAllowed(DomainError):
    """A life was asked to move where its table has no way."""

    code = "transition_not_allowed"


class AppointmentConflict(DomainError):
    """The chair is taken, or the same outside booking was sent with other details."""

    code = "appointment_conflict"


class ContactMissing(DomainError):
    """No contact could be found where one was named."""

    code = "contact_missing"
