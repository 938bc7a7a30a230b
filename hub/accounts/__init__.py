"""Workspaces, people and their ways in: sessions, API keys, one-time links."""

from hub.accounts.access import CHANNEL as ACCESS_CHANNEL
from hub.accounts.access import Access, Pass
from hub.accounts.assembly import AccountServices, account_services
from hub.accounts.keys import CreatedKey, Keys, KeySummary, NewKey
from hub.accounts.limits import Limit
from hub.accounts.links import Kind, Link, Links, Purpose
from hub.accounts.memberships import Invitation, Memberships, MemberSummary
from hub.accounts.operator import Operator
from hub.accounts.outside import LinkedAccount, NotLetInError, OutsideAccounts, OutsideIdentity, Refusal
from hub.accounts.requests import Answer, Requests
from hub.accounts.service import Accounts, Profile, SetUp
from hub.accounts.sessions import NewSession, Sessions, SessionSummary, Visitor
from hub.accounts.workspaces import Workspaces, WorkspaceSummary

__all__ = [
    "ACCESS_CHANNEL",
    "Access",
    "AccountServices",
    "Accounts",
    "Answer",
    "CreatedKey",
    "Invitation",
    "KeySummary",
    "Keys",
    "Kind",
    "Limit",
    "Link",
    "LinkedAccount",
    "Links",
    "MemberSummary",
    "Memberships",
    "NewKey",
    "NewSession",
    "NotLetInError",
    "Operator",
    "OutsideAccounts",
    "OutsideIdentity",
    "Pass",
    "Profile",
    "Purpose",
    "Refusal",
    "Requests",
    "SessionSummary",
    "Sessions",
    "SetUp",
    "Visitor",
    "WorkspaceSummary",
    "Workspaces",
    "account_services",
]
