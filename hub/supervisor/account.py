"""The unprivileged account that PostgreSQL runs under when the hub itself runs as root."""

import os
import pwd
from pathlib import Path

import msgspec

from hub.supervisor.errors import StartError

_PREFERRED = ("patchdeck", "nobody")


class Account(msgspec.Struct, frozen=True):
    """A system account other than our own."""

    name: str
    uid: int
    gid: int


def account_for(folder: Path) -> Account | None:
    """Return the account that owns, or shall own, a folder; None where we are not root and run everything ourselves."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return _account(pwd.getpwuid(owner))
    for name in _PREFERRED:
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise StartError("PostgreSQL refuses to run as root and there is no account to run it: useradd --system patchdeck")


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
