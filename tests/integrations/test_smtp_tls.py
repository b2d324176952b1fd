"""Encrypted connections to a real server: upgraded after the greeting, from the first byte, and not to be trusted."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ims.ports import DeliveryError
from tests.fakes.smtp import MailServer
from tests.integrations.test_smtp import SECRET, mail, mailer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of its own authority for 127.0.0.1, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail server of the test")])
    day, now = timedelta(days=1), datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    for extension, is_critical in (
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), False),
    ):
        builder = builder.add_extension(extension, critical=is_critical)
    file = tmp_path_factory.mktemp("certificate") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM) + private)
    return file


@pytest.fixture
def context(certificate: Path) -> SSLContext:
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(params=["starttls", "tls"])
def secured(request: pytest.FixtureRequest, context: SSLContext) -> Iterator[tuple[MailServer, str]]:
    server = MailServer(password=SECRET)
    setattr(server, request.param, context)
    with server:
        yield server, request.param


def test_a_letter_goes_through_an_encrypted_connection_with_a_sign_in(
    secured: tuple[MailServer, str], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, security = secured
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    mailer(server, security=security, user="ims", password=SECRET).mail_customer(mail(), "k")
    assert [letter["To"] for letter in server.letters] == ["ops@acme.example"]
    assert server.encrypted == [True]


def test_a_certificate_that_nobody_vouches_for_stops_before_any_secret_is_said(
    secured: tuple[MailServer, str],
) -> None:
    server, security = secured
    with pytest.raises(DeliveryError, match=r"certificate of 127\.0\.0\.1 cannot be trusted") as caught:
        mailer(server, security=security, user="ims", password=SECRET).mail_customer(mail(), "k")
    assert caught.value.permanent
    assert (server.letters, server.sign_ins) == ([], 0)


def test_a_server_that_wants_encryption_gets_no_letter_without_and_says_so(context: SSLContext) -> None:
    with MailServer(starttls=context) as server:
        with pytest.raises(DeliveryError, match="530 Must issue a STARTTLS command first") as caught:
            mailer(server, security="none").mail_customer(mail(), "k")
        assert caught.value.permanent
        assert server.letters == []
