"""What a Slack workspace has to choose from, and what names stand for there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec

from connectors.sdk import Choice, Context, CredentialsError, NoSettings, Settings, SettingsError, field
from connectors.slack.connection import Connection, Metadata, ask, tell

PAGE = 200
MOST_PAGES = 50


class Channel(msgspec.Struct):
    """A channel as lists of them have it, and whether the bot is in it."""

    id: str
    name: str = ""
    is_private: bool = False
    is_member: bool = False
    is_archived: bool = False
    num_members: int = 0


class Channels(msgspec.Struct):
    """A page of channels."""

    channels: list[Channel] = []
    response_metadata: Metadata | None = None


class Profile(msgspec.Struct):
    """What people say of themselves."""

    real_name: str | None = ""
    display_name: str | None = ""
    email: str | None = ""
    title: str | None = ""


class Person(msgspec.Struct):
    """Somebody in the Slack workspace."""

    id: str
    name: str | None = ""
    real_name: str | None = ""
    deleted: bool = False
    is_bot: bool = False
    tz: str | None = ""
    profile: Profile = msgspec.field(default_factory=Profile)


class People(msgspec.Struct):
    """A page of people."""

    members: list[Person] = []
    response_metadata: Metadata | None = None


class _Found(msgspec.Struct):
    user: Person | None = None
    channel: Channel | None = None


class _Opened(msgspec.Struct):
    channel: Channel


class FindUser(Settings):
    """Whom to look for."""

    user: Annotated[
        str,
        field("Person", hint="An address, an id, or a name.", example="{{ trigger.user }}", templated=True),
    ]


class FindChannel(Settings):
    """Which channel to look for."""

    channel: Annotated[
        str, field("Channel", hint="An id, or a name with or without #.", example="#invoices", templated=True)
    ]


async def channels(context: Context[Connection, NoSettings]) -> Sequence[Choice]:
    """Return the channels that the app can see, those that it is in first."""
    found = [channel async for channel in _channels(context)]
    found.sort(key=lambda one: (not one.is_member, one.name))
    return [Choice(one.id, f"#{one.name}" if one.is_member else f"#{one.name}, not invited yet") for one in found]


async def places(context: Context[Connection, NoSettings]) -> Sequence[Choice]:
    """Return channels, and people where the app may list them, that can be written to."""
    found = list(await channels(context))
    with suppress(CredentialsError):  # an app without the scope users:read still posts into channels
        found += [Choice(one.id, f"@{_name(one)}") async for one in _people(context) if not one.is_bot]
    return found


async def channel_id(context: Context[Any, Any], given: str) -> str:
    """Return the id of a conversation: of a channel by name, with a person by theirs."""
    given = given.strip()
    if given.startswith(("U", "W")) and given.isalnum() and given.isupper():
        return (await tell(context, "conversations.open", _Opened, users=given)).channel.id
    if given.isalnum() and given.isupper():
        return given
    return (await named_channel(context, given)).id


async def named_channel(context: Context[Any, Any], given: str) -> Channel:
    """Return a channel by its id or name."""
    given = given.strip().lstrip("#")
    if given.isalnum() and given.isupper():
        found = (await ask(context, "conversations.info", _Found, channel=given)).channel
        if found is not None:
            return found
    async for channel in _channels(context):
        if channel.name == given.lower():
            return channel
    raise SettingsError(f"There is no channel #{given[:80]} in the Slack workspace, or the app cannot see it.")


async def named_person(context: Context[Any, Any], given: str) -> Person:
    """Return a person by address, id, or one of their names."""
    given = given.strip().removeprefix("@")
    if "@" in given:
        found = (await ask(context, "users.lookupByEmail", _Found, email=given)).user
    elif given.isalnum() and given.isupper():
        found = (await ask(context, "users.info", _Found, user=given)).user
    else:
        wanted = given.casefold()
        found = None
        async for person in _people(context):
            if wanted in {name.casefold() for name in _names(person)}:
                found = person
                break
    if found is None:
        raise SettingsError(f"Nobody in the Slack workspace is called {given[:80]}.")
    return found


def told_person(person: Person) -> dict[str, Any]:
    """Return what a lookup tells of a person."""
    return {
        "id": person.id,
        "name": _name(person),
        "email": person.profile.email or "",
        "title": person.profile.title or "",
        "time_zone": person.tz or "",
        "is_bot": person.is_bot,
        "is_active": not person.deleted,
    }


def told_channel(channel: Channel) -> dict[str, Any]:
    """Return what a lookup tells of a channel."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "has_app": channel.is_member,
        "members": channel.num_members,
    }


def _names(person: Person) -> set[str]:
    profile = person.profile
    return {name for name in (person.name, person.real_name, profile.real_name, profile.display_name) if name}


def _name(person: Person) -> str:
    return person.profile.display_name or person.real_name or person.profile.real_name or person.name or person.id


async def _channels(context: Context[Any, Any]) -> AsyncIterator[Channel]:
    page = ""
    for _ in range(MOST_PAGES):
        found = await ask(
            context,
            "conversations.list",
            Channels,
            cursor=page,
            limit=PAGE,
            exclude_archived=True,
            types="public_channel,private_channel",
        )
        for channel in found.channels:
            yield channel
        page = found.response_metadata.next_cursor if found.response_metadata else ""
        if not page:
            return


async def _people(context: Context[Any, Any]) -> AsyncIterator[Person]:
    page = ""
    for _ in range(MOST_PAGES):
        found = await ask(context, "users.list", People, cursor=page, limit=PAGE)
        for person in found.members:
            if not person.deleted and person.id != "USLACKBOT":
                yield person
        page = found.response_metadata.next_cursor if found.response_metadata else ""
        if not page:
            return
