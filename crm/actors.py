"""Who did it. Every write names its actor; nothing happens anonymously."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """One who acts: a member of staff, a contact, the system itself, or an outside program."""

    kind: str
    label: str
    staff_id: int | None = None

    @classmethod
    def staff(cls, staff_id: int, label: str) -> Actor:
        return cls(kind="staff", label=label, staff_id=staff_id)

    @classmethod
    def system(cls, label: str) -> Actor:
        return cls(kind="system", label=label)

    @classmethod
    def integration(cls, label: str) -> Actor:
        return cls(kind="integration", label=label)

    @classmethod
    def contact(cls) -> Actor:
        return cls(kind="contact", label="the person")


SYSTEM = Actor.system("system")
