"""Every setting, from the environment, in one file.

`DEV=1` makes what is missing and serves one machine. Otherwise a missing or insecure value stops the start
with a sentence that says what to set.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from config import env, menu, places, policies
from config.logging import logging_config

# Before any model, form or admin is imported: `ModelForm[Lead]` is for the type checker, and must run too.
django_stubs_ext.monkeypatch()

ENV = env.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# ── Where and as what this process runs ───────────────────────────────────────────────────────────
DEV = ENV.flag("DEV")
DEMO = ENV.flag("DEMO")
DEBUG = (
    False  # Pages of errors show health text; the development server writes tracebacks to its output instead.
)
DATA_DIR = Path(ENV.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
PORT = ENV.number("PORT", default=8000, at_least=1)
# The command that starts a process says which it is: the web gets a pool and short waits for the broker.
PROCESS_ROLE = ENV.text("PROCESS_ROLE", "command")
if PROCESS_ROLE not in {"web", "worker", "beat", "command"}:
    raise ImproperlyConfigured("PROCESS_ROLE must be web, worker, beat or command.")

# ── Keys ──────────────────────────────────────────────────────────────────────────────────────────
_made = places.development_keys(DATA_DIR) if DEV else {}
SECRET_KEY = env.signing_key(
    ENV.optional("SECRET_KEY")
    or _made.get("SECRET_KEY")
    or ENV.required("SECRET_KEY", "60 random characters")
)
FIELD_KEYS = env.key_ring(
    ENV.optional("FIELD_KEYS")
    or _made.get("FIELD_KEYS")
    or ENV.required(
        "FIELD_KEYS", "id:key with 32 random bytes in base64; the first key encrypts, all decrypt"
    )
)
HASH_KEY = env.secret_bytes(
    ENV.optional("HASH_KEY")
    or _made.get("HASH_KEY")
    or ENV.required("HASH_KEY", "32 random bytes in base64, which must never change afterwards"),
    name="HASH_KEY",
)

# ── Addresses ─────────────────────────────────────────────────────────────────────────────────────
PUBLIC_URL = env.web_address(
    ENV.text("PUBLIC_URL", f"http://localhost:{PORT}")
    if DEV
    else ENV.required("PUBLIC_URL", "https:// and your host"),
    name="PUBLIC_URL",
    schemes=("http", "https") if DEV else ("https",),
)
ALLOWED_HOSTS = ENV.listed("ALLOWED_HOSTS") or (["localhost", "127.0.0.1", "[::1]"] if DEV else [])
if not DEV and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS must name the hosts this site answers to, separated by commas, without *."
    )
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL))]
TRUSTED_PROXIES = ENV.number("TRUSTED_PROXIES", default=0, at_most=10)
DEADMAN_URL = ENV.optional("DEADMAN_URL")
EMAIL_URL = ENV.optional("EMAIL_URL")
if EMAIL_URL is not None:
    env.web_address(EMAIL_URL, name="EMAIL_URL", schemes=("smtp", "smtps", "smtp+tls"))
DEFAULT_FROM_EMAIL = ENV.optional("DEFAULT_FROM_EMAIL") or (
    ENV.required(
        "DEFAULT_FROM_EMAIL", "the clinic's name and address, such as IV-Suite <hello@your-clinic.com>"
    )
    if EMAIL_URL and not DEV
    else "IV-Suite <hello@ivsuite.example>"
)

# ── Applications ──────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "config.apps.ClinicAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "crm",
    "notifications",
    "leads",
]
MIDDLEWARE = [
    "config.logging.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.policies.PolicyByPath",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "crm.Staff"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
UNFOLD = menu.UNFOLD

# ── Database ──────────────────────────────────────────────────────────────────────────────────────
_database_url = ENV.optional("DATABASE_URL")
_database = (
    env.database(_database_url)
    if _database_url
    else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "db.sqlite3")}
)
DATABASES: dict[str, dict[str, Any]] = {"default": env.tuned_database(_database, role=PROCESS_ROLE)}

# ── Queue: a wake-up, never a store ───────────────────────────────────────────────────────────────
REDIS_URL = ENV.optional("REDIS_URL")
if REDIS_URL is not None and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
BROKER_URL = places.broker_url(REDIS_URL, DATA_DIR)

# ── Security ──────────────────────────────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {"DIRECTIVES": policies.STRICT}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = not DEV
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # Operators ask from inside, without TLS.
SECURE_HSTS_SECONDS = 0 if DEV else int(timedelta(days=365).total_seconds())
# W005, W021: whether the clinic's other subdomains have TLS is not this program's to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEV
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # one working day
SESSION_COOKIE_NAME = "__Host-session" if not DEV else "session"

# ── Static files ──────────────────────────────────────────────────────────────────────────────────
STATIC_URL = "/static/"
STATIC_ROOT = Path(ENV.text("STATIC_ROOT", str(DATA_DIR / "static" if DEV else BASE_DIR / "staticfiles")))
if DEV:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # Empty: files are served from where they lie.
_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEV
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
WHITENOISE_USE_FINDERS = DEV
MEDIA_ROOT = DATA_DIR / "media"

# ── API ───────────────────────────────────────────────────────────────────────────────────────────
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # Each view names its own; none is open by forgetting.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
    "NUM_PROXIES": TRUSTED_PROXIES,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "IV-Suite",
    "DESCRIPTION": "Leads from the website, and what became of them.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",  # what follows it groups the page: leads, appointments
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# ── Logging ───────────────────────────────────────────────────────────────────────────────────────
LOG_LEVEL = ENV.text("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise ImproperlyConfigured("LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
LOGGING = logging_config(level=LOG_LEVEL, as_json=not DEV)
LOGGING_CONFIG = "config.logging.configure"
