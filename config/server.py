"""How gunicorn serves the web: `gunicorn -c python:config.server`."""

from __future__ import annotations

import os

os.environ["PROCESS_ROLE"] = "web"  # Before the application is imported: the settings read it.

wsgi_app = "config.wsgi:application"
bind = [f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT') or '8000'}"]
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS") or "2")
threads = int(os.environ.get("WEB_THREADS") or "4")
preload_app = False  # A connection pool must not be shared across a fork.
timeout = 30
graceful_timeout = 20
keepalive = 5
accesslog = None  # Paths may hold a person's token.
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
