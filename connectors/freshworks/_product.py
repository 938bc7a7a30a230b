"""Where Freshdesk and Freshservice differ, as facts."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

# What both take when a ticket is opened and never show or change again
_OPENING = frozenset({"description", "email", "name", "phone", "cc_emails"})
_PRIORITIES = {"low": 1, "medium": 2, "high": 3, "urgent": 4}
_STATUSES = {"open": 2, "pending": 3, "resolved": 4, "closed": 5}
_WEIGHTS = {"low": 1, "medium": 2, "high": 3}


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two services.

    `wrapped`: a ticket comes inside {"ticket": ...}. `sorted_by_change`: its list can be had in the order of changes.
    `embedded` is what a list tells more when asked to, `beside` what only a single ticket does.
    `writable` are the fields that tickets have everywhere, `opening` those of them that only a new ticket takes, and
    `named` the words for the numbers that some of them hold; an account may add to them.
    """

    name: str
    title: str
    suffix: str
    wrapped: bool
    sorted_by_change: bool
    embedded: str
    beside: str
    search: str
    found: str
    fields: str
    largest_files: int
    writable: tuple[str, ...]
    opening: frozenset[str]
    named: Mapping[str, Mapping[str, int]]


FRESHDESK = Product(
    name="freshdesk",
    title="Freshdesk",
    suffix=".freshdesk.com",
    wrapped=False,
    sorted_by_change=True,
    embedded="requester,description",
    beside="",
    search="search/tickets",
    found="results",
    fields="ticket_fields",
    largest_files=20 * 1024 * 1024,
    writable=(
        *("subject", "description", "email", "name", "phone", "requester_id", "unique_external_id", "cc_emails"),
        *("status", "priority", "source", "type", "tags", "group_id", "responder_id", "company_id", "product_id"),
        *("email_config_id", "parent_id", "due_by", "fr_due_by"),
    ),
    opening=_OPENING | {"unique_external_id", "parent_id"},
    named={
        "status": _STATUSES | {"waiting on customer": 6, "waiting on third party": 7},
        "priority": _PRIORITIES,
        "source": {"email": 1, "portal": 2, "phone": 3, "chat": 7, "feedback widget": 9, "outbound email": 10},
    },
)
FRESHSERVICE = Product(
    name="freshservice",
    title="Freshservice",
    suffix=".freshservice.com",
    wrapped=True,
    sorted_by_change=False,
    embedded="requester",
    beside="tags",
    search="tickets/filter",
    found="tickets",
    fields="ticket_form_fields",
    largest_files=15 * 1024 * 1024,
    writable=(
        *("subject", "description", "email", "name", "phone", "requester_id", "cc_emails"),
        *("status", "priority", "source", "type", "urgency", "impact", "tags", "group_id", "responder_id"),
        *("department_id", "workspace_id", "category", "sub_category", "item_category", "email_config_id"),
        *("due_by", "fr_due_by"),
    ),
    opening=_OPENING,
    named={
        "status": _STATUSES,
        "priority": _PRIORITIES,
        "urgency": _WEIGHTS,
        "impact": _WEIGHTS,
        "source": {
            "email": 1,
            "portal": 2,
            "phone": 3,
            "chat": 4,
            "feedback widget": 5,
            "yammer": 6,
            "aws cloudwatch": 7,
            "pagerduty": 8,
            "walkup": 9,
            "slack": 10,
        },
    },
)
