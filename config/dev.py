"""For development only (`DEV=1`): the example website, and what would have been sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django.views.static import serve

EXAMPLE = "examples/website"
SHOWN = 100


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
    entries = [
        {
            "kind": path.parent.name,
            "at": datetime.fromtimestamp(moment, tz=UTC),
            "name": path.stem,
            "text": _text(path),
        }
        for moment, path in newest
    ]
    return render(request, "dev/outbox.html", {"entries": entries, "total": len(files)})


def _text(path: Path) -> str:
    raw = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".json":
        return raw
    return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
