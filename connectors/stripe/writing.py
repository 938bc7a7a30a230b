"""Customers that go to Stripe under a key of their own, are found again, changed and taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote

import msgspec

from connectors.sdk import Context, Receipt, Record, Settings, SettingsError, field
from connectors.sdk.errors import undecided
from connectors.stripe.connection import Connection, call, listed

# The name under which a delivery notes its key; a customer's page shows it among the metadata
MARK = "patchdeck"
MARGIN = timedelta(hours=1)
MOST_SEARCHED = 2_000

Customer = Annotated[str, field("Customer", hint="Its id.", example="cus_NffrFeUfNV2Hib", templated=True)]


class Person(Settings):
    """What is known of a customer."""

    email: Annotated[str, field("E-mail", example="{{ read.email }}", templated=True)] = ""
    name: Annotated[str, field("Name", example="{{ read.name }}", templated=True)] = ""
    phone: Annotated[str, field("Phone", templated=True)] = ""
    description: Annotated[str, field("Description", hint="Only you see it.", templated=True)] = ""
    metadata: Annotated[
        dict[str, Any],
        field("Metadata", hint="Your own names and values.", example={"order": "{{ read.number }}"}, templated=True),
    ] = {}


class Create(Person):
    """The new customer."""


class Update(Person):
    """Which customer, and what of it changes; what is left empty stays as it is."""

    customer: Customer


class Find(Settings):
    """Whom to look for."""

    customer: Annotated[str, field("Customer", hint="An id.", example="cus_NffrFeUfNV2Hib", templated=True)] = ""
    email: Annotated[str, field("E-mail", hint="Capitals count.", example="{{ read.email }}", templated=True)] = ""
    limit: Annotated[int, field("Most found", hint="The newest come first.", advanced=True)] = 100

    def __post_init__(self) -> None:
        """Refuse limits out of bounds."""
        if not 0 < self.limit <= MOST_SEARCHED:
            raise ValueError(f"The most found can be 1 to {MOST_SEARCHED}.")


class Known(msgspec.Struct, kw_only=True):
    """A customer as Stripe shows it."""

    id: str
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    metadata: dict[str, str] | None = None
    balance: int = 0
    currency: str | None = None
    deleted: bool = False
    created: int = 0
    subscriptions: _Several | None = None


def told(customer: Known) -> dict[str, Any]:
    """Return a customer as templates see it."""
    names = ("id", "email", "name", "phone", "description", "balance", "currency", "created")
    return {name: getattr(customer, name) for name in names} | {"metadata": _own(customer.metadata)}


async def search(context: Context[Connection, Find]) -> list[Known]:
    """Return the customer of an id, or those with an address."""
    settings = context.settings
    if settings.customer.strip():
        found = await one_of(context, settings.customer)
        return [] if found.deleted else [found]
    if not settings.email.strip():
        raise SettingsError("There is nobody to look for: give an id or an address.")
    asked = [("email", settings.email.strip())]
    return [one async for one in listed(context, "customers", asked, Known, settings.limit)]


async def one_of(context: Context[Connection, Any], identity: str) -> Known:
    """Return one customer by id."""
    return (await call(context, "GET", _path(identity))).read(Known)


def wanted(settings: Person) -> dict[str, Any]:
    """Return what is to be known of a customer, without what is empty."""
    plain = {name: getattr(settings, name).strip() for name in ("email", "name", "phone", "description")}
    metadata = {name: _written(value) for name, value in settings.metadata.items()}
    filled: dict[str, Any] = {name: value for name, value in plain.items() if value}
    return filled | ({"metadata": metadata} if metadata else {})


async def create(context: Context[Connection, Create], record: Record) -> Receipt:
    """Add a customer under the record's key."""
    form = wanted(context.settings)
    if not form:
        raise SettingsError("Nothing is known of the customer: fill in an address or a name at least.")
    await context.remember(str(int((datetime.now(UTC) - MARGIN).timestamp())))
    marked = form | {"metadata": form.get("metadata", {}) | {MARK: mark(record)}}
    return _created((await call(context, "POST", "customers", form=marked, key=record.key)).read(Known))


async def find_created(context: Context[Connection, Create], record: Record, token: str | None) -> Receipt | None:
    """Look for the mark among the customers since the write was tried."""
    email = context.settings.email.strip()
    asked = ([("created[gte]", token)] if token else []) + ([("email", email)] if email else [])
    looked = 0
    async for one in listed(context, "customers", asked, Known, MOST_SEARCHED):
        looked += 1
        if (one.metadata or {}).get(MARK) == mark(record):
            return _created(one)
    if looked == MOST_SEARCHED:
        raise undecided("customer", "Stripe")
    return None


async def delete(context: Context[Connection, Create], receipt: Receipt) -> Receipt:
    """Delete the customer unless it has been used since: Stripe would end its subscriptions with it."""
    path = _path(str(receipt.reference))
    found = (await call(context, "GET", path, [("expand[]", "subscriptions")])).read(Known)
    if found.deleted:
        return receipt
    if found.balance or (found.subscriptions and found.subscriptions.data):
        raise SettingsError("The customer has a balance or subscriptions by now, so it stays. Delete it at Stripe.")
    await call(context, "DELETE", path)
    return receipt


async def changes(context: Context[Connection, Update]) -> tuple[Known, dict[str, Any], dict[str, Any]]:
    """Return the customer as it stands, what of it would change, and how that is before."""
    form = wanted(context.settings)
    if not form:
        raise SettingsError("There is nothing to change: fill in what should be different.")
    found = await one_of(context, context.settings.customer)
    if found.deleted:
        raise SettingsError(f"The customer {found.id} was deleted.")
    after = {name: value for name, value in form.items() if name != "metadata" and getattr(found, name) != value}
    before: dict[str, Any] = {name: getattr(found, name) for name in after}
    stands = found.metadata or {}
    inner = {name: value for name, value in form.get("metadata", {}).items() if stands.get(name, "") != value}
    if inner:
        after["metadata"] = inner
        before["metadata"] = {name: stands.get(name) for name in inner}
    return found, after, before


async def update(context: Context[Connection, Update], record: Record) -> Receipt:
    """Change a customer, and keep how it was."""
    found, after, before = await changes(context)
    if after:
        found = (await call(context, "POST", _path(found.id), form=after, key=record.key)).read(Known)
    return _receipt(found, before, after)


async def find_update(context: Context[Connection, Update], _: Record, __: str | None) -> Receipt | None:
    """Tell whether the customer is already as it should be."""
    found, after, _before = await changes(context)
    return None if after else _receipt(found)


async def restore(context: Context[Connection, Update], receipt: Receipt) -> Receipt:
    """Put back what was changed where it is still as it was written."""
    if not isinstance(receipt.after, Mapping) or not isinstance(receipt.before, Mapping):
        raise SettingsError("How the customer was before is not known, so this cannot be undone.")
    found = await one_of(context, str(receipt.reference))
    stands = {**told(found), "metadata": found.metadata or {}}
    if any(not _is_as(stands.get(name), value) for name, value in receipt.after.items()):
        raise SettingsError(f"The customer {found.id} has been changed again, so it stays as it is.")
    form = {name: _emptied(value) for name, value in receipt.before.items()}
    if form:
        await call(context, "POST", _path(found.id), form=form)
    return receipt


def mark(record: Record) -> str:
    """Return what tells in a thing's metadata that it is the record's."""
    return hashlib.sha256(record.key.encode(errors="replace")).hexdigest()[:32]


class _Several(msgspec.Struct):
    data: list[dict[str, Any]] = []


def _path(identity: str) -> str:
    if not identity.strip():
        raise SettingsError("The id of the customer is empty.")
    return f"customers/{quote(identity.strip(), safe='')}"


def _written(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _own(metadata: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in (metadata or {}).items() if name != MARK}


def _is_as(stands: Any, written: Any) -> bool:
    if isinstance(written, Mapping):
        return isinstance(stands, Mapping) and all(stands.get(name) == value for name, value in written.items())
    return bool(stands == written)


def _emptied(value: Any) -> Any:
    """Return a value as a form takes it: an empty text takes away what was not there before."""
    if isinstance(value, Mapping):
        return {name: one or "" for name, one in value.items()}
    return value or ""


def _created(customer: Known) -> Receipt:
    return _receipt(customer, before={}, after=told(customer))


def _receipt(customer: Known, before: Any = None, after: Any = None) -> Receipt:
    url = f"https://dashboard.stripe.com/customers/{customer.id}"
    output = {"id": customer.id, "email": customer.email, "name": customer.name}
    return Receipt(reference=customer.id, url=url, output=output, before=before, after=after)
