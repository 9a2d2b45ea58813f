"""For development only (`DEV=1`): the example website, and what would have been sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.static import serve

EXAMPLE = "examples/website"
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the outbox page, in words; `written_at` is UTC."""

    kind: str
    name: str
    written_at: datetime
    to: str
    sender: str
    subject: str
    text: str


@require_safe
def example(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve the example website as a plain file server would, with `index.html` for a folder."""
    root = settings.BASE_DIR / EXAMPLE
    if ".." in Path(path).parts:
        raise Http404
    if (root / path).is_dir():
        if path and not path.endswith("/"):
            return redirect(f"/example/{path}/")
        path += "index.html"
    response = serve(request, path, document_root=str(root))
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Show the e-mails and texts that were written to files, newest first."""
    if not settings.DEV:
        raise Http404
    files = [*settings.DATA_DIR.glob("mail/*.eml"), *settings.DATA_DIR.glob("sms/*.json")]
    newest = sorted(((path.stat().st_mtime, path) for path in files), reverse=True)[:SHOWN]
    entries = [_entry(path, written_at=datetime.fromtimestamp(moment, tz=UTC)) for moment, path in newest]
    return render(request, "dev/outbox.html", {"entries": entries, "total": len(files)})


def _entry(path: Path, *, written_at: datetime) -> Entry:
    if path.suffix == ".json":
        said = json.loads(path.read_text(encoding="utf-8", errors="replace"))
        to, sender, subject, text = said.get("to", ""), said.get("from", ""), "", said.get("body", "")
    else:
        mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
        to, sender, subject = (str(mail.get(name, "")) for name in ("To", "From", "Subject"))
        body = mail.get_body(preferencelist=("plain", "html"))
        text = str(body.get_content()) if body is not None else ""
    return Entry(
        kind="Text" if path.suffix == ".json" else "E-mail",
        name=path.stem,
        written_at=written_at,
        to=to,
        sender=sender,
        subject=subject,
        text=text.strip(),
    )
