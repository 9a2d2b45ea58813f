"""Asks a web server whether all is well: `python -m config.probe [host [working]]`."""

from __future__ import annotations

import http.client
import json
import os
import sys
from urllib.parse import urlsplit

TIMEOUT = 5.0  # seconds


def main(arguments: list[str]) -> int:
    """Give 0 when `/healthz` is well or, with `working`, `/readyz` says that sweeps come round; else 1."""
    server = arguments[0] if arguments else "127.0.0.1"
    sweeps = arguments[1:] == ["working"]
    # The name of the site, because the server answers to no other.
    site = urlsplit(os.environ.get("PUBLIC_URL", "")).netloc or "localhost"
    connection = http.client.HTTPConnection(server, int(os.environ.get("PORT") or "8000"), timeout=TIMEOUT)
    try:
        connection.request("GET", "/readyz" if sweeps else "/healthz", headers={"Host": site})
        answer = connection.getresponse()
        body = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 1
    finally:
        connection.close()
    return 0 if answer.status == http.HTTPStatus.OK and body.get("working" if sweeps else "ok") is True else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
