"""A certificate authority for a test, and what it signs: valid, or not any more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FOR_LONG = timedelta(days=36_500)


def _signed(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.Certificate:
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    builder = (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(LONG_AGO)
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), critical=True)
    )
    return builder.sign(by, hashes.SHA256())


def expired(directory: Path) -> tuple[Path, Path, Path]:
    """Files: an authority's certificate, and the certificate and key of `localhost` that ended long ago."""
    return _files(directory, "test authority", timedelta(days=1))


def valid(directory: Path, authority: str) -> tuple[Path, Path, Path]:
    """Files: a certificate of an authority of this name, and the certificate and key of `localhost`."""
    directory.mkdir()
    return _files(directory, authority, FOR_LONG)


def _files(directory: Path, name: str, for_: timedelta) -> tuple[Path, Path, Path]:
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _signed(name, name, authority, authority, LONG_AGO + FOR_LONG)
    leaf = _signed("localhost", name, server, authority, LONG_AGO + for_)
    paths = directory / "root.pem", directory / "server.pem", directory / "key.pem"
    for path, certificate in zip(paths, (root, leaf), strict=False):
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    paths[2].write_bytes(server.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return paths
