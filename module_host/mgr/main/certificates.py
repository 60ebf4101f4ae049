"""Certificates for modules that serve TLS, as the newest `mgr_util` has them: checks are strict,
and say how long a certificate lasts.
"""

import datetime as dt
import re
from pathlib import Path

from module_host.mgr.certificates import (
    ServerConfigException,
    certificate,
    mismatch,
    private_key,
    text,
)


_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----", re.DOTALL)


def get_cert_issuer_info(crt: str) -> tuple[str | None, str | None]:
    """(organisation, common name) of a certificate's issuer; raises ServerConfigException."""
    issuer = certificate(crt).get_issuer()
    return issuer.O, issuer.CN


def verify_cacrt_content(crt: str) -> int:
    """Days that a certificate is still valid; raises ServerConfigException for text that is no
    certificate and for one that has expired.
    """
    parsed = certificate(crt)
    until = dt.datetime.strptime(parsed.get_notAfter().decode(), "%Y%m%d%H%M%SZ").replace(
        tzinfo=dt.UTC
    )
    if parsed.has_expired():
        organisation, name = get_cert_issuer_info(crt)
        raise ServerConfigException(
            f'Certificate issued by "{organisation}/{name}" expired on {until}'
        )
    return (until - dt.datetime.now(dt.UTC)).days


def verify_cacrt(cert_fname: str) -> None:
    """As verify_cacrt_content(), for a file."""
    if not cert_fname:
        raise ServerConfigException("CA cert not configured")
    content = text(cert_fname, f"Certificate {cert_fname} does not exist")
    try:
        verify_cacrt_content(content)
    except ServerConfigException as error:
        raise ServerConfigException(f"Invalid certificate {cert_fname}: {error}") from error


def verify_tls(crt: str, key: str) -> int:
    """As verify_cacrt_content(); raises ServerConfigException also for a bad or a wrong key."""
    days = verify_cacrt_content(crt)
    why = mismatch(certificate(crt), private_key(key, ""))
    if why is not None:
        raise ServerConfigException(f"Private key and certificate do not match up: {why}")
    return days


def verify_tls_files(cert_fname: str, pkey_fname: str) -> None:
    """As verify_tls(), for files."""
    if not cert_fname or not pkey_fname:
        raise ServerConfigException("no certificate configured")
    verify_cacrt(cert_fname)
    key = text(pkey_fname, f"private key {pkey_fname} does not exist")
    verify_tls(Path(cert_fname).read_text(encoding="utf-8"), key)


def parse_combined_pem_file(pem_data: str) -> tuple[str | None, str | None]:
    """(certificate, private key) of a text that holds both; None for what it has not."""
    found = (_CERTIFICATE.search(pem_data), _KEY.search(pem_data))
    crt, key = (match[0] if match else None for match in found)
    return crt, key
