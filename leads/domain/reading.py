"""Raw fields, read one by one: each call returns a usable value and remembers what must be corrected."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from leads.errors import FieldProblem

SLUG_LIMIT = 100
URL_LIMIT = 2_000
MAX_REPEATS = 20

# A phone number that a script sent as a number. Longer ones are no phone number anywhere (E.164).
_MAX_NUMBER = 10**15

# Controls no database, header or screen can be trusted with; half characters that no encoding can write; and
# the marks that make a text read as something else. The plain left-to-right and right-to-left marks belong
# to Hebrew and Arabic writing and stay allowed.
_CONTROLS = r"\x00-\x1f\x7f\ud800-\udfff"
_MISLEADING = r"\u202a-\u202e\u2066-\u2069"
LINE = re.compile(f"[{_CONTROLS}{_MISLEADING}]")
# Contact apps wrap a copied number in such marks; reading the number drops them.
NUMBER = re.compile(f"[{_CONTROLS}]")
TEXT = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff{_MISLEADING}]")

# What may stand for a page: a web address, an app that was the referrer, or a path on the site itself.
_PAGE = re.compile(r"https?://[^/\s]|android-app://[^/\s]|/(?![/\\])", re.IGNORECASE)

_YES = frozenset({"on", "true", "1"})
_NO = frozenset({"off", "false", "0"})

_WRONG_TEXT = FieldProblem("wrong_type", "Please send this as text.")
_WRONG_LIST = FieldProblem("wrong_type", "Please send this as text, or as a list of texts.")
_WRONG_FLAG = FieldProblem("wrong_type", "Please answer this with true or false.")
_CHARACTERS = FieldProblem("invalid_characters", "Please type this again: it holds an invisible character.")


@dataclass(slots=True)
class FieldReader:
    """Reads one mapping of raw fields. `problems` is what a person must correct; `unrecognised` is what was
    said but is not in our vocabulary, so it was left aside (a site may lag behind us, or run ahead)."""

    fields: Mapping[str, object]
    prefix: str = ""
    problems: dict[str, list[FieldProblem]] = field(default_factory=dict)
    unrecognised: dict[str, str] = field(default_factory=dict)

    def within(self, name: str, fields: Mapping[str, object]) -> FieldReader:
        """Read fields inside a field, remembering their problems here under `name.inner`."""
        return FieldReader(fields, f"{self.prefix}{name}.", self.problems, self.unrecognised)

    def refuse(self, name: str, problem: FieldProblem) -> None:
        """Remember that a field cannot be used."""
        self.problems.setdefault(f"{self.prefix}{name}", []).append(problem)

    def leave_aside(self, name: str, said: str) -> None:
        """Remember a value that is understood by nobody here and stops nobody."""
        self.unrecognised[f"{self.prefix}{name}"] = said

    def text(self, name: str, *, limit: int, forbidden: re.Pattern[str] = LINE, lower: bool = False) -> str:
        """Return a text without the blanks around it, "" when absent, null, blank or refused."""
        raw = self.fields.get(name)
        if raw is None:
            return ""
        if not isinstance(raw, str):
            self.refuse(name, _WRONG_TEXT)
            return ""
        return self._checked(name, raw.lower() if lower else raw, limit=limit, forbidden=forbidden)

    def fact(self, name: str, *, limit: int) -> str:
        """Return a text the page filled in, cut to its limit: no visitor could mend it."""
        raw = self.fields.get(name)
        if not isinstance(raw, str) or len(raw.strip()) <= limit:
            return self.text(name, limit=limit)
        self.leave_aside(name, raw.strip()[:limit])
        return self._checked(name, raw.strip()[:limit], limit=limit, forbidden=LINE)

    def number_text(self, name: str, *, limit: int) -> str:
        """Return a phone number as text, also when it came as a number of at most 15 digits."""
        raw = self.fields.get(name)
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 <= raw < _MAX_NUMBER:
            return str(raw)
        return self.text(name, limit=limit, forbidden=NUMBER)

    def slug(self, name: str) -> str:
        """Return a slug in lower case, whether or not anything here goes by it."""
        return self.text(name, limit=SLUG_LIMIT, lower=True)

    def slugs(self, name: str) -> tuple[str, ...]:
        """Return the slugs of a repeatable field, each once, in the order they came."""
        raw = self.fields.get(name)
        if isinstance(raw, str):
            raw = [raw]
        if raw is None:
            return ()
        if not isinstance(raw, list) or not all(isinstance(said, str) for said in raw):
            self.refuse(name, _WRONG_LIST)
            return ()
        if len(raw) > MAX_REPEATS:
            self.refuse(name, FieldProblem("too_many", f"Please choose at most {MAX_REPEATS}."))
            return ()
        found = [self._checked(name, said.lower(), limit=SLUG_LIMIT, forbidden=LINE) for said in raw]
        return tuple(dict.fromkeys(slug for slug in found if slug))

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Return one of our words; any other is left aside."""
        said = self.slug(name)
        if said and said not in allowed:
            self.leave_aside(name, said)
            return ""
        return said

    def matching(self, name: str, pattern: re.Pattern[str], *, limit: int) -> str:
        """Return a text of a known shape; one of another shape is left aside."""
        said = self.text(name, limit=limit)
        if said and not pattern.fullmatch(said):
            self.leave_aside(name, said)
            return ""
        return said

    def page(self, name: str) -> str:
        """Return the address of a page. What could not be one (`javascript:`, a bare word) is left aside."""
        said = self.fact(name, limit=URL_LIMIT)
        if said and not _PAGE.match(said):
            self.leave_aside(name, said)
            return ""
        return said

    def flag(self, name: str) -> bool | None:
        """Return a yes or no, from JSON or from a form; None when absent, null or blank."""
        raw = self.fields.get(name)
        if raw is None or isinstance(raw, bool):
            return raw
        said = raw.strip().lower() if isinstance(raw, str) else None
        if said == "":
            return None
        if said in _YES:
            return True
        if said not in _NO:
            self.refuse(name, _WRONG_FLAG)
        return False

    def _checked(self, name: str, raw: str, *, limit: int, forbidden: re.Pattern[str]) -> str:
        # A form sends CRLF where a script sends LF: the same words, so one spelling.
        text = raw.replace("\r\n", "\n").replace("\r", "\n")
        if forbidden.search(text):
            self.refuse(name, _CHARACTERS)
            return ""
        text = text.strip()
        if len(text) > limit:
            self.refuse(name, FieldProblem("too_long", f"Please use at most {limit:,} characters."))
            return ""
        return text
