"""What is kept on disk: tables, files that change all at once, and inputs exactly as received."""

from hotspots.store.files import (
    carry_folder,
    is_locked,
    is_read_only,
    lock,
    plain_errors,
    read_json,
    replace_folders,
    restore_folder,
    sha256,
    write_json,
)
from hotspots.store.raw import Origin, RawFile, RawStore
from hotspots.store.tables import Writing, read_table, write_table

__all__ = [
    "Origin",
    "RawFile",
    "RawStore",
    "Writing",
    "carry_folder",
    "is_locked",
    "is_read_only",
    "lock",
    "plain_errors",
    "read_json",
    "read_table",
    "replace_folders",
    "restore_folder",
    "sha256",
    "write_json",
    "write_table",
]
