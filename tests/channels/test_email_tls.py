"""SMTP under TLS, against a real server: who is trusted, and that nothing is said to who is not."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from notifications.channels.base import Accepted, NotTaken, Result
from notifications.channels.email import SmtpChannel
from tests.channels.server import MailServer
from tests.channels.test_contract import envelope
from tests.channels.test_email import Mark

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.ivsuite.example")])


@dataclass(frozen=True)
class Certificate:
    """A certificate that vouches for itself, and its key, as files."""

    path: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context


def certificate_for(host: str, folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    today = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    if host[:1].isdigit():
        names = [x509.IPAddress(ipaddress.ip_address(host))]
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    kept = Certificate(folder / f"{host}.pem", folder / f"{host}.key")
    kept.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kept.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return kept


def server(security: str, certificate: Certificate) -> MailServer:
    if security == "tls":
        return MailServer(ssl_context=certificate.context)
    return MailServer(tls_context=certificate.context, require_starttls=True)


def sent_over(
    server: MailServer, security: Literal["none", "starttls", "tls"], **more: Any
) -> tuple[Result, int]:
    mark = Mark()
    channel = SmtpChannel(host="127.0.0.1", port=server.port, security=security, timeout=5, answer=5, **more)
    with channel.session() as session:
        return session.send(envelope(), mark_handed=mark), mark.made


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mail_goes_to_a_server_that_is_trusted(
    security: Literal["starttls", "tls"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("127.0.0.1", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))

    with server(security, certificate) as running:
        result, marks = sent_over(running, security)

    assert isinstance(result, Accepted)
    assert (marks, len(running.ledger)) == (1, 1)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("doubt", ["unknown", "another_name"])
def test_server_in_doubt_gets_nothing_and_the_message_waits(
    security: Literal["starttls", "tls"], doubt: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("mail.example" if doubt == "another_name" else "127.0.0.1", tmp_path)
    if doubt == "another_name":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))

    with server(security, certificate) as running:
        result, marks = sent_over(running, security)

    assert (result, marks) == (NotTaken("unreachable", whole_channel=True), 0)
    assert running.ledger == []


def test_server_that_offers_no_starttls_is_not_spoken_to_in_the_clear() -> None:
    with MailServer() as running:
        result, marks = sent_over(running, "starttls")

    assert (result, marks, running.ledger) == (NotTaken("unreachable", whole_channel=True), 0, [])


@pytest.mark.parametrize(("password", "taken"), [("right", 1), ("wrong", 0)])
def test_password_is_said_under_tls_alone(
    password: str, taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("127.0.0.1", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))

    def judge(_server: object, _session: object, _envelope: object, _mechanism: str, said: Any) -> AuthResult:
        return AuthResult(success=said.password == b"right")

    running = MailServer(
        tls_context=certificate.context, require_starttls=True, auth_required=True, authenticator=judge
    )
    with running:
        result, marks = sent_over(running, "starttls", username="ivsuite", password=password)

    assert (marks, len(running.ledger)) == (taken, taken)
    assert isinstance(result, Accepted if taken else NotTaken)
