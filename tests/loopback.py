"""Whether this machine reaches itself, which tests with a server of their own need."""

from __future__ import annotations

import socket


def has_loopback() -> bool:
    """Tell whether this machine reaches itself; a sandbox without any network may not."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1).close()
    except OSError:
        return False
    return True
