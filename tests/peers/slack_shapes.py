"""What Slack says of channels and people, and how its published description is read today."""

from __future__ import annotations

import json
from typing import Any


def of_today(node: Any) -> Any:
    """Let the description, of 2020, pass what has come since: more fields; and that a channel may be empty."""
    if isinstance(node, list):
        return [of_today(one) for one in node]
    if isinstance(node, dict):
        closed = {"additionalProperties", "minItems"}
        return {name: of_today(one) for name, one in node.items() if name not in closed or isinstance(one, dict)}
    return node


def value_of(text: str) -> Any:
    return json.loads(text) if text[:1] in "[{" else text


def channel_shape(identity: str, name: str, member: bool) -> dict[str, Any]:
    return {
        "id": identity, "name": name, "is_channel": True, "is_private": False, "is_member": member,
        "is_archived": False, "num_members": 3, "created": 1, "creator": "U00000ANN", "is_general": False,
        "is_mpim": False, "is_org_shared": False, "is_shared": False, "name_normalized": name, "is_im": False,
        "is_group": False, "unlinked": 0, "shared_team_ids": [], "previous_names": [], "pending_shared": [],
        "is_ext_shared": False, "purpose": {"creator": "U00000ANN", "last_set": 1, "value": ""},
        "topic": {"creator": "U00000ANN", "last_set": 1, "value": ""}, "parent_conversation": None,
    }  # fmt: skip


def person_shape(identity: str, name: str, real: str) -> dict[str, Any]:
    return {
        "id": identity, "name": name, "real_name": real, "deleted": False, "is_bot": False, "tz": "Europe/Warsaw",
        "profile": {"real_name": real, "display_name": name, "email": f"{name}@example.com", "title": "Buyer"},
        "is_app_user": False, "updated": 1, "team_id": "T0000TEAM",
    }  # fmt: skip
