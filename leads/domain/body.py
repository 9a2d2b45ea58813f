"""From the bytes of a post to its raw fields: strict about form, silent about meaning.

Whatever arrives, the answer is either a mapping of fields that any store can hold as JSON, or
`UnreadableBody`. Nothing here recurses over what came, so no nesting can exhaust the stack.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any, Literal, NoReturn
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.http import parse_header_parameters

from leads.errors import UnreadableBody

MediaType = Literal["json", "form", "multipart"]

MAX_BODY = 64 * 1024
MAX_DEPTH = 8
MAX_FIELDS = 200
# Beyond it Python itself refuses to read an integer at some length, and a float becomes infinite.
MAX_DIGITS = 300

# Fields that a form may send several times; of any other the last one counts.
REPEATABLE = frozenset({"service"})

_MEDIA_TYPES: dict[str, MediaType] = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
    "multipart/form-data": "multipart",
}
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def media_type(content_type: str) -> MediaType | None:
    """Name the way a body is written, or None for one that the door answers with 415.

    Any charset but UTF-8 is None too: a body read in the wrong one would be stored as nonsense.
    """
    try:
        kind, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError):  # a parameter in a charset that does not exist
        return None
    charset = parameters.get("charset", "utf-8")
    if not isinstance(charset, str) or charset.strip("'\" ").lower() not in {"utf-8", "utf8"}:
        return None
    return _MEDIA_TYPES.get(kind.strip().lower())


def read_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Read the raw fields of a post: JSON values as they are, form values as text, `service` as a list.

    Files in a multipart body are passed over; they stay in the raw submission.

    :raises UnreadableBody: codes `malformed_body`, `too_deep`, `duplicate_key`, `number_too_long`,
        `too_large`, `too_many_fields`, `unsupported_media_type`.
    """
    kind = media_type(content_type)
    if kind is None:
        raise UnreadableBody("Please send JSON or a form, in UTF-8.", code="unsupported_media_type")
    if len(body) > MAX_BODY:
        raise UnreadableBody(f"Please send at most {MAX_BODY // 1024} KB.", code="too_large")
    if kind == "multipart":
        return _one_each(_multipart_pairs(body, content_type))
    text = _decoded(body)
    return read_object(text) if kind == "json" else _one_each(_form_pairs(text))


def read_object(text: str) -> dict[str, Any]:
    """Read one JSON object: no duplicate keys, no NaN or Infinity, no deeper than `MAX_DEPTH`.

    :raises UnreadableBody: codes `malformed_body`, `too_deep`, `duplicate_key`, `number_too_long`.
    """
    _check_depth(text)
    try:
        read = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
            parse_float=_finite_float,
        )
    except ValueError as refusal:
        raise UnreadableBody("The body is not valid JSON.") from refusal
    if not isinstance(read, dict):
        raise UnreadableBody("The body must be a JSON object with the fields of the form.")
    return read


def _decoded(raw: bytes) -> str:
    try:
        # Some tools on Windows put a byte order mark first. It says nothing, so nobody is refused for it.
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as refusal:
        raise UnreadableBody("The body is not valid UTF-8.") from refusal


def _check_depth(text: str) -> None:
    """Refuse nesting before the JSON reader sees it, since that one recurses. Linear in the text.

    Escapes are taken out first, so that every quote left opens or closes a string, and every second piece
    between quotes is outside of strings. A backslash outside of a string would mislead this, but there the
    JSON reader stops, and whatever it reads before that place was counted rightly.
    """
    depth = 0
    for piece in _ESCAPED.sub("", text).split('"')[::2]:
        for bracket in _BRACKET.findall(piece):
            depth += 1 if bracket in "[{" else -1
            if depth > MAX_DEPTH:
                raise UnreadableBody(f"The body is nested deeper than {MAX_DEPTH} levels.", code="too_deep")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Two readers of the same bytes could believe two different things.
        raise UnreadableBody("The body names the same field twice.", code="duplicate_key")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableBody(f"{name} is not valid JSON.")


def _bounded_integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise UnreadableBody("A number in the body is too long.", code="number_too_long")
    return int(digits)


def _finite_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise UnreadableBody("A number in the body is too long.", code="number_too_long")
    return number


def _form_pairs(text: str) -> list[tuple[str, str]]:
    if text.count("&") >= MAX_FIELDS:
        raise _too_many_fields()
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as refusal:
        raise UnreadableBody("The form is not valid UTF-8.") from refusal


def _multipart_pairs(body: bytes, content_type: str) -> list[tuple[str, str]]:
    kind, semicolon, parameters = content_type.strip().partition(";")
    headers = {"CONTENT_TYPE": f"{kind.lower()}{semicolon}{parameters}", "CONTENT_LENGTH": len(body)}
    try:
        # Read as Latin-1 every byte survives, and can then be decoded strictly; the parser itself would
        # silently replace what is not UTF-8. Without upload handlers it passes over the files.
        values, _ = MultiPartParser(headers, BytesIO(body), [], "latin-1").parse()
    except (MultiPartParserError, SuspiciousOperation, ValueError, LookupError) as refusal:
        raise UnreadableBody("The form could not be read.") from refusal
    pairs = [(name, value) for name, listed in values.lists() for value in listed]
    if len(pairs) > MAX_FIELDS:
        raise _too_many_fields()
    return [(_decoded(name.encode("latin-1")), _decoded(value.encode("latin-1"))) for name, value in pairs]


def _too_many_fields() -> UnreadableBody:
    return UnreadableBody(f"Please send at most {MAX_FIELDS} fields.", code="too_many_fields")


def _one_each(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in REPEATABLE:
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return fields
