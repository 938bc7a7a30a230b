"""The services of people put together, the same way for the web, the worker and the command line."""

from __future__ import annotations

import msgspec

from hub.accounts.access import Access
from hub.accounts.keys import Keys
from hub.accounts.links import Links
from hub.accounts.memberships import Memberships
from hub.accounts.outside import OutsideAccounts
from hub.accounts.service import Accounts
from hub.accounts.sessions import Sessions
from hub.accounts.workspaces import Workspaces
from hub.audit import Audit
from hub.mail import Mail
from hub.outbox import Bell


class AccountServices(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about people; the names are those by which controllers ask for them."""

    accounts: Accounts
    sessions: Sessions
    keys: Keys
    memberships: Memberships
    workspaces: Workspaces
    outside_accounts: OutsideAccounts


def account_services(
    public_url: str, audit: Audit, *, mail: Mail | None = None, bell: Bell | None = None
) -> AccountServices:
    """Build the services; `bell` lets other processes' revocations take effect here at once."""
    access, links, post = Access(bell), Links(public_url), mail or Mail()
    sessions = Sessions(access)
    accounts = Accounts(access, sessions, audit, links, post)
    return AccountServices(
        accounts=accounts,
        sessions=sessions,
        keys=Keys(access, audit),
        memberships=Memberships(access, audit, links, post),
        workspaces=Workspaces(access, sessions, audit),
        outside_accounts=OutsideAccounts(accounts, links, audit),
    )
