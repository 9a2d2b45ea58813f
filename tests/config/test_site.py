from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


def policy(client: Client, path: str) -> dict[str, str]:
    response = client.get(path)
    response.close()  # A file served is a file open.
    header = response["Content-Security-Policy"]
    return dict(part.strip().split(" ", 1) for part in header.split(";"))


@pytest.mark.parametrize("path", ["/example/", "/dev/outbox/", "/nowhere/", "/healthz"])
def test_policy_is_strict_everywhere(client: Client, path: str) -> None:
    found = policy(client, path)

    assert (found["default-src"], found["script-src"], found["style-src"]) == ("'none'", "'self'", "'self'")


def test_policy_of_the_admin_lets_its_package_work(client: Client) -> None:
    found = policy(client, "/admin/login/")

    assert (found["script-src"], found["style-src"]) == ("'self' 'unsafe-eval'", "'self' 'unsafe-inline'")


def test_policy_of_the_api_page_lets_no_inline_script_run(client: Client) -> None:
    found = policy(client, "/api/docs/")

    assert (found["script-src"], found["style-src"]) == ("'self'", "'self' 'unsafe-inline'")


def test_home_leads_to_the_admin(client: Client) -> None:
    response = client.get("/")

    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_unknown_api_address_answers_in_the_one_shape(client: Client) -> None:
    response = client.get("/api/v1/nowhere/")

    assert (response.status_code, response.json()) == (
        404,
        {"code": "not_found", "message": "There is nothing at this address.", "fields": {}},
    )


def test_example_folder_shows_its_index(client: Client) -> None:
    folder = client.get("/example/articles/magnesium")
    with contextlib.closing(client.get("/example/articles/magnesium/")) as page:
        text = page.getvalue()

    assert (folder.status_code, folder["Location"]) == (302, "/example/articles/magnesium/")
    assert (page.status_code, page["Content-Type"]) == (200, "text/html")
    assert b"agnesium" in text


@pytest.mark.parametrize("path", ["../../pyproject.toml", "..%2f..%2fpyproject.toml", "nowhere.html"])
def test_example_serves_nothing_outside_its_folder(client: Client, path: str) -> None:
    assert client.get(f"/example/{path}").status_code == 404


def test_outbox_shows_mail_and_texts_newest_first(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    for folder, name, text, moment in (
        ("mail", "a.eml", "Subject: Hello\n\n<b>first</b>", 100),
        ("sms", "b.json", '{"body": "second"}', 200),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text)
        os.utime(tmp_path / folder / name, (moment, moment))

    page = client.get("/dev/outbox/").content.decode()

    assert page.index("second") < page.index("&lt;b&gt;first&lt;/b&gt;")


def test_outbox_shows_a_mail_as_its_reader_would(client: Client, settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "a.eml").write_bytes(
        b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nTo: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>\n"
        b"From: Clinic <hello@clinic.example>\nContent-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: quoted-printable\n\nUntil tomorrow, Zo=C3=AB\n"
    )

    page = client.get("/dev/outbox/")

    shown = page.context["entries"][0]
    assert (shown.kind, shown.subject, shown.to, shown.sender, shown.text) == (
        "E-mail",
        "Grüße",
        "Zoë <zoe@example.com>",
        "Clinic <hello@clinic.example>",
        "Until tomorrow, Zoë",
    )


def test_outbox_outside_development_is_not_there(client: Client, settings: Settings) -> None:
    settings.DEV = False

    assert client.get("/dev/outbox/").status_code == 404
