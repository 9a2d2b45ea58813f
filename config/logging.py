"""Logs: one JSON object a line in production, readable lines in development, and never a person in them.

Messages are constant and data goes as fields; the redaction here is the net under that rule.
"""

from __future__ import annotations

import logging.config
import re
import secrets
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase

HIDDEN = "[hidden]"
PERSONAL_FIELDS = frozenset(
    (
        "address answer authorization body contact cookie email first_name form from full_name "
        "handle html key last_name message name note notes params password payload phone query "
        "query_string reason_text recipient secret subject text to token url user username value "
    ).split()
)
_EMAIL = re.compile(r"[^\s@<>\"'(),;:]{1,64}@[^\s@<>\"'(),;:]{1,255}")
_PHONE = re.compile(r"(?<![\w.:-])\+?\(?\d(?:[\s().-]{0,2}\d){8,14}(?![\w:-])")
_LINK = re.compile(r"(/(?:m|hooks)/[a-z]+/)[^/\s?\"']+")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide fields that hold people's data, and whatever looks like an e-mail, a phone or a link's token."""
    for field, value in event.items():
        event[field] = HIDDEN if field.lower() in PERSONAL_FIELDS else _clean(value)
    return event


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _LINK.sub(rf"\1{HIDDEN}", _PHONE.sub(HIDDEN, _EMAIL.sub(HIDDEN, value)))
    if isinstance(value, dict):
        return {
            key: HIDDEN if str(key).lower() in PERSONAL_FIELDS else _clean(item)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _clean(str(value))  # An object's text may name a person.


# Redaction comes after the traceback was written out (an error's text may quote a value) and before the time.
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    redact,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def logging_config(*, level: str, as_json: bool) -> dict[str, Any]:
    """Give the configuration of the standard logging module."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"output": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["output"], "level": level},
        "loggers": {
            "django": {"level": level, "handlers": [], "propagate": True},
            "django.server": {"level": level, "handlers": [], "propagate": True},
            # It logs each tick twice; what the ticks found is logged by the sweeps.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Set up the standard logging module and structlog from one configuration."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestIdMiddleware:
    """Gives each request an id of our own making, for its log lines and its answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = secrets.token_hex(8)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response
