"""What a user fills in to follow alerts of Opsgenie, to find them, to open one, and to act on one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from connectors.opsgenie.alerts import Named
from connectors.opsgenie.oncall import schedules
from connectors.sdk import Choice, Context, Settings, SettingsError, Shape, field
from connectors.sdk.cursors.following import Following
from connectors.sdk.records.entries import Limit, require_limit
from connectors.sdk.records.names import names

PRIORITIES = {"P1": "Critical", "P2": "High", "P3": "Moderate", "P4": "Low", "P5": "Informational"}
# What monitoring systems call the same things
_SEVERITIES = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}
_MOST_TEAMS = 50

Query = Annotated[
    str,
    field(
        "Search",
        hint="In Opsgenie's words, as in the search field of its list of alerts.",
        example="tag:(prod AND database)",
    ),
]
Status = Annotated[Literal["any", "open", "unacknowledged", "acknowledged", "closed"], field("Status")]
Priorities = Annotated[
    list[Literal["P1", "P2", "P3", "P4", "P5"]], field("Priorities", hint="Left out: all.", example=["P1", "P2"])
]
Teams = Annotated[list[str], field("Teams", hint="Names; left out: all.", example=["Operations"])]
Alert = Annotated[
    str, field("Alert", hint="Its id, alias or number, as chosen below.", example="{{ trigger.id }}", templated=True)
]
By = Annotated[Named, field("Named by", hint="tiny: the short number that people see.")]
Note = Annotated[
    str, field("Note", hint="Written into the alert's log.", multiline=True, templated=True, advanced=True)
]
User = Annotated[
    str, field("In the name of", hint="Shown in the alert's log as who did it.", templated=True, advanced=True)
]


async def priorities(context: Context[Any, Any]) -> Sequence[Choice]:  # noqa: ARG001  # all accounts have the same
    """Return the priorities; a template may name a severity instead."""
    return [Choice(*one) for one in PRIORITIES.items()]


class Follow(Following):
    """Which alerts to follow."""

    query: Query = ""
    status: Status = "any"
    priorities: Priorities = []
    teams: Teams = []
    whole: Annotated[
        bool,
        field("With description and details", hint="Takes one more request for each alert.", advanced=True),
    ] = False
    every: Annotated[str, field("Ask every", hint="How often to look.", advanced=True, shape=Shape.DURATION)] = "1m"

    def __post_init__(self) -> None:
        """Refuse an interval that cannot be, and too many teams."""
        super().__post_init__()
        require_teams(self.teams)


class Find(Settings):
    """Which alert to read whole, or which alerts to list."""

    alert: Alert = ""
    by: By = "id"
    where: Annotated[
        dict[str, Any],
        field(
            "Where",
            hint="Values that fields must have, such as alias, entity, source, tag or details.key.",
            example={"entity": "{{ trigger.host }}"},
            templated=True,
        ),
    ] = {}
    query: Query = ""
    status: Status = "any"
    priorities: Priorities = []
    teams: Teams = []
    limit: Limit = 100

    def __post_init__(self) -> None:
        """Refuse a limit out of bounds, and too many teams."""
        require_limit(self.limit)
        require_teams(self.teams)


class OnCall(Settings):
    """Whose turn it is."""

    schedule: Annotated[str, field("Schedule", hint="Its name; left out: all.", templated=True, choices=schedules)] = ""


class Create(Settings):
    """What the alert says, and whom it calls."""

    message: Annotated[
        str,
        field(
            "Message",
            hint="130 characters; of a longer one the rest goes into the description.",
            example="{{ trigger.title }}",
            templated=True,
        ),
    ]
    description: Annotated[str, field("Description", multiline=True, templated=True)] = ""
    priority: Annotated[
        str,
        field("Priority", hint="P1 to P5, or critical, error, warning, info.", templated=True, choices=priorities),
    ] = "P3"
    alias: Annotated[
        str,
        field(
            "Alias",
            hint="While an alert with it is open, Opsgenie counts it up rather than opening another. "
            "Left out: each delivery opens its own.",
            example="{{ trigger.fingerprint }}",
            templated=True,
        ),
    ] = ""
    responders: Annotated[
        Any,
        field(
            "Responders",
            hint="Each as team, user, escalation or schedule with a name. Left out: the integration's team.",
            example=["team:Operations", "user:anna@example.com"],
            templated=True,
            shape=Shape.LIST,
        ),
    ] = None
    tags: Annotated[Any, field("Tags", example=["prod"], templated=True, shape=Shape.LIST)] = None
    details: Annotated[
        dict[str, Any], field("Details", hint="More values by name.", example={"run": "{{ run.id }}"}, templated=True)
    ] = {}
    entity: Annotated[
        str, field("Entity", hint="What it is about, such as a server.", templated=True, advanced=True)
    ] = ""
    source: Annotated[str, field("Source", hint="Where it comes from.", templated=True, advanced=True)] = ""
    note: Note = ""
    user: User = ""


class Acting(Settings):
    """Which alert to act on."""

    alert: Alert
    by: By = "id"
    note: Note = ""
    user: User = ""


class Write(Settings):
    """Which alert to write a note into, and what."""

    alert: Alert
    by: By = "id"
    text: Annotated[str, field("Text", multiline=True, templated=True)]
    user: User = ""


class Assign(Acting):
    """Which alert to give to whom."""

    owner: Annotated[str, field("Owner", hint="The user's e-mail address.", templated=True)]


class Escalate(Acting):
    """Which alert to bring to whom."""

    to: Annotated[
        str,
        field(
            "To",
            hint="escalation:name goes on to its next step; team:, user: or schedule:name brings them in.",
            example="escalation:Operations_escalation",
            templated=True,
        ),
    ]


class Tag(Acting):
    """Which alert to tag, and with what."""

    tags: Annotated[Any, field("Tags", example=["prod"], templated=True, shape=Shape.LIST)]


def listed(given: Any, title: str) -> list[str]:
    """Return the names that were given, each once and without a comma in it."""
    found = dict.fromkeys(names(given, title))
    if odd := next((one for one in found if "," in one), None):
        raise SettingsError(f"{title} may have no commas in them, as {odd[:100]!r} has.")
    return list(found)


def priority_of(word: str) -> str:
    """Return a priority, whether it is named as Opsgenie does or by a severity."""
    text = word.strip()
    found = _SEVERITIES.get(text.lower(), text.upper())
    if found not in PRIORITIES:
        raise SettingsError(f"{text[:100]!r} is no priority; it is one of P1 to P5, or critical, error, warning, info.")
    return found


def require_teams(teams: Sequence[str]) -> None:
    """Raise ValueError for more teams than one search takes, and for an empty name."""
    if len(teams) > _MOST_TEAMS or not all(one.strip() for one in teams):
        raise ValueError(f"Name {_MOST_TEAMS} teams at most, and none that is empty.")


def party(text: str) -> dict[str, str]:
    """Return who is called, out of a kind and a name."""
    kind, _, name = text.partition(":")
    kind, name = kind.strip().lower(), name.strip()
    if kind not in {"team", "user", "escalation", "schedule"} or not name:
        raise SettingsError(f"{text[:100]!r} names nobody; write team:, user:, escalation: or schedule: and the name.")
    return {"type": kind, "username" if kind == "user" else "name": name}
