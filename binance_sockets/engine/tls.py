"""Whom TLS trusts: one verifying context for the sockets and for REST."""

from __future__ import annotations

import os
import re
import ssl

from ..config import Options
from ..errors import ConfigError

__all__ = ["client_context", "lacks_authorities"]

_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")  # how OpenSSL finds a CA in a directory


def client_context(options: Options) -> ssl.SSLContext:
    """The context of these options: ``ssl_context`` as it is, else a new, verifying one.

    The new one trusts the system's CAs (certifi's where the system has none) and those in ``ca_file``. Making it takes
    about 45 ms and 0.8 MB, so make one and share it. Any thread; reads files.

    Raises:
        ConfigError: ``ca_file`` has no certificate that can be read.
    """
    if options.ssl_context is not None:
        return options.ssl_context
    context = ssl.create_default_context()
    if lacks_authorities(context):
        import certifi

        context.load_verify_locations(certifi.where())
    if options.ca_file is not None:
        try:
            context.load_verify_locations(options.ca_file)
        except OSError as exc:  # SSLError is one
            allowed = "a PEM file with CA certificates"
            raise ConfigError("ca_file", os.fspath(options.ca_file), allowed) from exc
    return context


def lacks_authorities(context: ssl.SSLContext) -> bool:
    """Whether a default context trusts nobody, as the system has neither a file nor a directory of CAs. Reads files."""
    return not context.cert_store_stats()["x509_ca"] and not _has_useful_directory()


def _has_useful_directory() -> bool:
    """Whether the system keeps CAs in directories, which OpenSSL reads on demand. One that is there may be empty, or
    hold files that OpenSSL does not find by their names or cannot read."""
    paths = ssl.get_default_verify_paths()  # its capath knows no list of directories
    listed = os.environ.get(paths.openssl_capath_env, paths.openssl_capath)
    return any(_is_useful(folder) for folder in listed.split(os.pathsep) if folder)


def _is_useful(folder: str) -> bool:
    try:
        names = [name for name in os.listdir(folder) if _HASHED.fullmatch(name)]
    except OSError:
        return False
    return any(_is_certificate(os.path.join(folder, name)) for name in names)


def _is_certificate(path: str) -> bool:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError:
        return False
    return True
