"""Labels on mails: put on, taken away, and put back as they were."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from connectors.google._calls import send
from connectors.google._connection import Connection
from connectors.google._gmail import GMAIL, ME, Account, Message, found_mail, head, label_id, label_names, labels
from connectors.sdk import Context, Receipt, Settings, SettingsError, Shape, field
from connectors.sdk.mail.answer import Answered


class Labelling(Settings):
    """Which mail, and its labels."""

    mail: Answered
    add: Annotated[
        list[str],
        field("Add", hint="Labels that Gmail has.", example=["Booked"], choices=label_names, shape=Shape.LIST),
    ] = []
    remove: Annotated[
        list[str],
        field(
            "Take away",
            hint="INBOX archives the mail, UNREAD marks it as read.",
            example=["UNREAD", "INBOX"],
            choices=label_names,
            shape=Shape.LIST,
        ),
    ] = []

    def __post_init__(self) -> None:
        if not self.add and not self.remove:
            raise ValueError("Name at least one label to add or take away.")
        if both := {name.casefold() for name in self.add} & {name.casefold() for name in self.remove}:
            raise ValueError(f"{', '.join(sorted(both))} is both added and taken away.")


class Plan(msgspec.Struct, frozen=True):
    """A mail, and by id the labels that it lacks or has too many."""

    message: Message
    add: list[str]
    remove: list[str]
    names: dict[str, str]

    def named(self, held: Sequence[str]) -> list[str]:
        """Return labels by name."""
        return sorted(self.names.get(one, one) for one in held)

    @property
    def after(self) -> list[str]:
        """The ids of the labels that it would have."""
        return sorted((set(self.message.label_ids) | set(self.add)) - set(self.remove))


async def labelling(context: Context[Connection, Labelling]) -> Plan:
    """Return what is to be done with a mail; labels that Gmail does not have are refused."""
    names = await labels(context)
    wanted = [label_id(names, name) for name in context.settings.add]
    unwanted = [label_id(names, name) for name in context.settings.remove]
    message = await found_mail(context, context.settings.mail)
    held = set(message.label_ids)
    add, remove = [one for one in wanted if one not in held], [one for one in unwanted if one in held]
    return Plan(message, add, remove, dict(names))


async def modify(context: Account, identity: str, add: list[str], remove: list[str]) -> None:
    """Add labels and take others away."""
    if add or remove:
        body = {"addLabelIds": add, "removeLabelIds": remove}
        await send(context, GMAIL, "users.messages.modify", userId=ME, id=identity, body=body, fields="id")


def labelled(planned: Plan, before: list[str]) -> Receipt:
    """Return the receipt of a mail that has the labels it should have."""
    identity = planned.message.id
    return Receipt(
        reference=identity,
        url=f"https://mail.google.com/mail/#all/{identity}",
        output={"id": identity, "labels": planned.named(planned.after)},
        before={"id": identity, "labels": before},
        after={"id": identity, "labels": planned.after},
    )


async def unlabel(context: Account, receipt: Receipt) -> Receipt:
    """Put back the labels where they are as they were set."""
    before, after = set(receipt.before["labels"]), set(receipt.after["labels"])
    now = await head(context, receipt.after["id"])
    touched = before ^ after
    if now is None or set(now.label_ids) & touched != after & touched:
        raise SettingsError("The labels of the mail were changed after that, so they are left as they are.")
    await modify(context, now.id, sorted(before - after), sorted(after - before))
    return Receipt(reference=receipt.reference, before=receipt.after, after=receipt.before)
