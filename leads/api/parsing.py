"""Reads the JSON that staff tools send: strictly, and never deeper or larger than the capture door does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from leads.domain import body as bodies


class StrictJSONParser(BaseParser):
    """One JSON object in UTF-8. Nothing nested without end, no number without end, no field twice."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Read the body; an empty one is an act that needs no words.

        :raises UnreadableBody: when it is no JSON object, or too large.
        """
        raw = b""
        while len(raw) <= bodies.MAX_BODY and (piece := stream.read(bodies.MAX_BODY + 1 - len(raw))):
            raw += piece
        return bodies.read_body(raw, media_type or self.media_type) if raw.strip() else {}
