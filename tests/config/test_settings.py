"""Each start is a process of its own: settings are read once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy_check import production_environment

ROOT = Path(__file__).resolve().parents[2]
READ = "from django.conf import settings; print(settings.SECRET_KEY and 'started')"


def start(values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", READ],
        cwd=ROOT,
        env=values | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_with_everything_set_start(tmp_path: Path) -> None:
    done = start(production_environment(str(tmp_path)))

    assert (done.returncode, done.stdout) == (0, "started\n")
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS", "HASH_KEY", "ALLOWED_HOSTS", "PUBLIC_URL"])
def test_settings_without_one_value_refuse_with_its_name(name: str, tmp_path: Path) -> None:
    values = production_environment(str(tmp_path))
    del values[name]

    done = start(values)

    assert done.returncode == 1
    assert name in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "django-insecure-0123456789012345678901234567890123456789"),
        ("FIELD_KEYS", "k1:too-short"),
        ("HASH_KEY", "aGVsbG8="),
        ("ALLOWED_HOSTS", "*"),
        ("PUBLIC_URL", "http://clinic.example"),
        ("REDIS_URL", "amqp://clinic.example"),
        ("EMAIL_URL", "imap://clinic.example"),
        ("LOG_LEVEL", "LOUD"),
        ("DEV", "perhaps"),
        ("PROCESS_ROLE", "king"),
    ],
)
def test_settings_with_a_bad_value_refuse_with_its_name(name: str, value: str, tmp_path: Path) -> None:
    done = start(production_environment(str(tmp_path)) | {name: value})

    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert name in last
    assert value not in last or value == "*"


def test_settings_in_development_need_nothing(tmp_path: Path) -> None:
    done = start({"DEV": "1", "DATA_DIR": str(tmp_path)})

    assert (done.returncode, done.stdout) == (0, "started\n")
