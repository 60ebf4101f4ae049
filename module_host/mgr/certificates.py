"""Certificates for modules that serve TLS. OpenSSL is imported when it is needed."""

import logging
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any


log = logging.getLogger("mgr_util")

_SUBJECT_FIELDS = ("C", "ST", "L", "O", "OU", "CN", "emailAddress")
_TEN_YEARS = 10 * 365 * 86400


class ServerConfigException(Exception):
    """A module's server cannot be started as it is configured."""


def create_self_signed_cert(
    organisation: str = "Ceph", common_name: str = "mgr", dname: dict[str, str] | None = None
) -> tuple[str, str]:
    """A certificate valid for ten years and its key, both PEM.

    `dname` gives the whole subject; raises ValueError for a field that a subject cannot have.
    """
    from OpenSSL import crypto

    subject = dname or {"O": organisation, "CN": common_name}
    if not set(subject) <= set(_SUBJECT_FIELDS):
        allowed = ", ".join(_SUBJECT_FIELDS)
        raise ValueError(f"Invalid DNAME received. Valid DNAME fields are {allowed}")
    key = crypto.PKey()
    key.generate_key(crypto.TYPE_RSA, 2048)
    certificate = crypto.X509()
    for field, value in subject.items():
        setattr(certificate.get_subject(), field, value)
    certificate.set_issuer(certificate.get_subject())
    certificate.set_serial_number(int(uuid.uuid4()))
    certificate.gmtime_adj_notBefore(0)
    certificate.gmtime_adj_notAfter(_TEN_YEARS)
    certificate.set_pubkey(key)
    certificate.sign(key, "sha512")
    pem = crypto.FILETYPE_PEM
    return (
        crypto.dump_certificate(pem, certificate).decode(),
        crypto.dump_privatekey(pem, key).decode(),
    )


def verify_cacrt_content(crt: str) -> None:
    """Raise ServerConfigException for text that is no certificate. Expiry is only logged."""
    if certificate(crt).has_expired():
        log.warning("Certificate has expired: %s", crt)


def verify_cacrt(cert_fname: str) -> None:
    """As verify_cacrt_content(), for a file."""
    if not cert_fname:
        raise ServerConfigException("CA cert not configured")
    verify_cacrt_content(text(cert_fname, f"Certificate {cert_fname} does not exist"))


def verify_tls(crt: str, key: str) -> None:
    """Raise ServerConfigException for a bad certificate or key; a mismatch is only logged."""
    verify_cacrt_content(crt)
    _warn(certificate(crt), private_key(key, ""), "Private key and certificate")


def verify_tls_files(cert_fname: str, pkey_fname: str) -> None:
    """As verify_tls(), for files."""
    if not cert_fname or not pkey_fname:
        raise ServerConfigException("no certificate configured")
    verify_cacrt(cert_fname)
    key = private_key(text(pkey_fname, f"private key {pkey_fname} does not exist"), pkey_fname)
    pair = f"Private key {pkey_fname} and certificate {cert_fname}"
    _warn(certificate(text(cert_fname, "")), key, pair)


def certificate(pem: str) -> Any:
    """Parse a certificate; raises ServerConfigException."""
    from OpenSSL import crypto

    return _parsed(lambda: crypto.load_certificate(crypto.FILETYPE_PEM, pem), "certificate", "")


def private_key(pem: str, where: str) -> Any:
    """Parse a private key that came from `where`; raises ServerConfigException."""
    from OpenSSL import crypto

    def load() -> Any:
        key = crypto.load_privatekey(crypto.FILETYPE_PEM, pem)
        key.check()
        return key

    return _parsed(load, "private key", where)


def _parsed(load: Callable[[], Any], what: str, where: str) -> Any:
    from OpenSSL import crypto

    try:
        return load()
    except (ValueError, TypeError, crypto.Error) as error:
        place = f" {where}" if where else ""
        raise ServerConfigException(f"Invalid {what}{place}: {error}") from error


def mismatch(cert: Any, key: Any) -> str | None:
    """Say why `key` does not belong to `cert`; None where it does."""
    from OpenSSL import SSL

    context = SSL.Context(SSL.TLS_METHOD)
    try:
        context.use_certificate(cert)
        context.use_privatekey(key)
        context.check_privatekey()
    except SSL.Error as error:
        return str(error)
    return None


def _warn(cert: Any, key: Any, pair: str) -> None:
    why = mismatch(cert, key)
    if why is not None:
        log.warning("%s do not match up: %s", pair, why)


def text(path: str, missing: str) -> str:
    """Read a file; raises ServerConfigException with `missing` where there is none."""
    if not Path(path).is_file():
        raise ServerConfigException(missing)
    return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
