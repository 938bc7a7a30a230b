"""What a user fills in to follow tickets, to find them, and to write them and about them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from connectors.freshworks._names import fields, groups, own_fields, priorities, statuses, types
from connectors.freshworks._tickets import MOST_FOUND
from connectors.sdk import Settings, Shape, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Mode, require_key

Ticket = Annotated[str, field("Ticket", hint="Its number.", example="{{ trigger.id }}", templated=True)]
Text = Annotated[str, field("Text", hint="Plain text; lines stay lines. Or give HTML.", multiline=True, templated=True)]
Html = Annotated[
    str,
    field(
        "HTML",
        hint="Instead of the text. Values that you put in are escaped.",
        example="<p>Dear {{ trigger.fields.requester.name }},</p>",
        multiline=True,
        templated=True,
        advanced=True,
        shape=Shape.HTML,
    ),
]
Files = Annotated[
    Any,
    field("Files", hint="Files of this run.", example="{{ trigger.attachments }}", templated=True, shape=Shape.FILE),
]
Workspace = Annotated[
    str, field("Workspace", hint="Its number, where you have several. Left out, the primary one.", advanced=True)
]


class Follow(Following):
    """Which tickets to follow: all that the agent sees, or some of them."""

    statuses: Annotated[list[str], field("Statuses", hint="Left out, all.", choices=statuses)] = []
    priorities: Annotated[list[str], field("Priorities", hint="Left out, all.", choices=priorities)] = []
    groups: Annotated[list[str], field("Groups", hint="By their numbers. Left out, all.", choices=groups)] = []
    types: Annotated[list[str], field("Types", hint="Left out, all.", choices=types)] = []


class Find(Settings):
    """Which tickets to find."""

    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="The values that fields must have. The search knows status, priority, tag, group_id, agent_id and "
            "your own fields, but few others.",
            example={"status": "Open", "cf_order": "{{ read.number }}"},
            templated=True,
            choices=fields,
        ),
    ] = {}
    query: Annotated[
        str,
        field(
            "Query",
            hint="More conditions in the service's own query language.",
            example="priority:>2 AND created_at:>'2026-01-01'",
            advanced=True,
        ),
    ] = ""
    limit: Annotated[int, field("Most tickets", hint="More than this is an error.", advanced=True)] = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds, and a query that would end before its end."""
        if not 0 < self.limit <= MOST_FOUND:
            raise ValueError(f"The most tickets can be 1 to {MOST_FOUND}.")
        if '"' in self.query or self.query.count("(") != self.query.count(")"):
            raise ValueError("A query has no double quotes, and closes each bracket that it opens.")


class Write(Settings):
    """Which ticket to write, how, and what."""

    columns: Annotated[
        dict[str, Any],
        field(
            "Fields",
            hint="Of a ticket that is there already, description, requester and copies stay as they are.",
            example={"subject": "{{ read.subject }}", "description": "{{ read.text }}", "email": "{{ read.email }}"},
            templated=True,
            record=True,
            choices=fields,
        ),
    ]
    mode: Mode = "insert"
    key: Annotated[
        str,
        field("Key field", hint="It says which ticket it is: a field of your own, or id.", choices=own_fields),
    ] = ""
    files: Annotated[
        Any,
        field(
            "Files",
            hint="They go with a ticket when it is opened.",
            example="{{ trigger.attachments }}",
            templated=True,
            shape=Shape.FILE,
        ),
    ] = None
    tag: Annotated[
        bool,
        field(
            "Tag new tickets",
            hint="A short tag tells a repeated delivery. Without it, after a cut connection a person decides.",
            advanced=True,
        ),
    ] = True

    def __post_init__(self) -> None:
        """Refuse a mode that lacks its key, and a key that every ticket could have."""
        require_key(self.mode, self.key, self.columns)
        if self.key == "id" and self.mode != "update":
            raise ValueError("The service gives tickets their id; by id they can only be updated.")


class Say(Settings):
    """What to say, and in which ticket."""

    ticket: Ticket
    text: Text = ""
    html: Html = ""
    files: Files = None


class Reply(Say):
    """What to answer, and who else gets it."""

    cc: Annotated[Any, field("Copy", hint="One or several addresses.", templated=True, advanced=True)] = None
    bcc: Annotated[Any, field("Blind copy", hint="One or several addresses.", templated=True, advanced=True)] = None
    sender: Annotated[
        str, field("From", hint="A support address of the account; left out, its first one.", advanced=True)
    ] = ""


class Note(Say):
    """What to note, and who sees it."""

    private: Annotated[bool, field("Private", hint="Only agents see it.")] = True
    notify: Annotated[
        Any, field("Notify", hint="Addresses of agents who get a mail.", templated=True, advanced=True)
    ] = None


class FindPerson(Settings):
    """Whom to find, and by what."""

    by: Annotated[
        Literal["email", "phone", "mobile", "name"], field("Found by", hint="name: the beginning of one.")
    ] = "email"
    value: Annotated[str, field("Value", example="{{ trigger.sender }}", templated=True)]
