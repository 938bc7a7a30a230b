"""Senders that many people use: how each signs, what tells its repeats, and its fields under plain names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from connectors.sdk import SettingsError, WebhookRequest
from connectors.sdk.network.calls import at, first
from connectors.webhook.signatures import Scheme

Sender = Literal["any", "calendly", "github", "shopify", "stripe", "typeform"]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says of itself: what happened, what tells a repeat, what it is about, and its usual fields."""

    event: str
    key: str | None
    subject: str | None
    title: str
    fields: Mapping[str, Any]


def scheme_of(sender: Sender) -> Scheme | None:
    """Return how a sender signs, None where the connection says it."""
    return None if sender == "any" else sender


def tell(sender: Sender, request: WebhookRequest, body: Any) -> Told:
    """Return what a sender's event says; SettingsError when it is none of this sender's."""
    if not isinstance(body, Mapping):
        raise SettingsError(f"This is no event as {sender.title()} sends it.")
    told = _SENDERS[sender](request, body)
    if not told.event:
        raise SettingsError(f"This is no event as {sender.title()} sends it. Choose another sender, or any.")
    return told


def _calendly(_: WebhookRequest, body: Mapping[str, Any]) -> Told:
    payload, event = at(body, "payload"), at(body, "payload.scheduled_event")
    asked = at(body, "payload.questions_and_answers")
    answers = {
        str(one.get("question")): one.get("answer")
        for one in (asked if isinstance(asked, list) else ())
        if isinstance(one, Mapping)
    }
    names = {"name": "name", "email": "email", "status": "status", "cancel_url": "cancel_url"}
    places = {"event_name": "name", "starts_at": "start_time", "ends_at": "end_time", "place": "location.location"}
    happened, invitee = _text(body, "event"), _text(body, "payload.uri")
    return Told(
        event=happened,
        key=_joined(happened, invitee),
        subject=invitee or None,
        title=_text(body, "payload.name") or happened,
        fields={**_picked(payload, names), **_picked(event, places), "answers": answers},
    )


def _typeform(_: WebhookRequest, body: Mapping[str, Any]) -> Told:
    titles = {
        _text(one, "id"): _text(one, "title") or _text(one, "ref")
        for one in _list(body, "form_response.definition.fields")
    }
    answers = {
        titles.get(_text(one, "field.id"), _text(one, "field.ref")): _answer(one)
        for one in _list(body, "form_response.answers")
    }
    names = {"form": "form_id", "response": "token", "submitted_at": "submitted_at", "score": "calculated.score"}
    response = at(body, "form_response")
    return Told(
        event=_text(body, "event_type"),
        # An answer that is not complete yet is told under the same token
        key=_joined(_text(body, "event_type"), _text(body, "form_response.token")),
        subject=_text(body, "form_response.token") or None,
        title=_text(body, "form_response.definition.title"),
        fields={**_picked(response, names), "hidden": at(response, "hidden") or {}, "answers": answers},
    )


def _stripe(_: WebhookRequest, body: Mapping[str, Any]) -> Told:
    names = {
        "id": "id",
        "kind": "object",
        "status": "status",
        "amount": "amount amount_total amount_due total",
        "currency": "currency",
        "customer": "customer",
        "email": "customer_email receipt_email customer_details.email email",
        "description": "description",
    }
    return Told(
        event=_text(body, "type"),
        key=_text(body, "id") or None,
        subject=_text(body, "data.object.id") or None,
        title=_text(body, "type"),
        fields=_picked(at(body, "data.object"), names),
    )


def _github(request: WebhookRequest, body: Mapping[str, Any]) -> Told:
    names = {
        "action": "action",
        "repository": "repository.full_name",
        "sender": "sender.login",
        "branch": "ref",
        "number": "issue.number pull_request.number number",
        "title": "issue.title pull_request.title release.name head_commit.message",
        "text": "comment.body review.body issue.body pull_request.body release.body",
        "url": "comment.html_url issue.html_url pull_request.html_url release.html_url compare",
    }
    found = _picked(body, names)
    return Told(
        event=request.headers.get("x-github-event", ""),
        key=request.headers.get("x-github-delivery"),
        subject=_text(body, "issue.html_url") or _text(body, "pull_request.html_url") or None,
        title=str(found["title"] or "").partition("\n")[0] or request.headers.get("x-github-event", ""),
        fields=found,
    )


def _shopify(request: WebhookRequest, body: Mapping[str, Any]) -> Told:
    names = {
        "id": "id",
        "name": "name title",
        "email": "email contact_email customer.email",
        "total": "total_price",
        "currency": "currency",
        "status": "financial_status status",
        "created_at": "created_at",
    }
    return Told(
        event=request.headers.get("x-shopify-topic", ""),
        key=request.headers.get("x-shopify-event-id") or request.headers.get("x-shopify-webhook-id"),
        subject=_text(body, "admin_graphql_api_id") or None,
        title=_text(body, "name") or _text(body, "title") or request.headers.get("x-shopify-topic", ""),
        fields={**_picked(body, names), "shop": request.headers.get("x-shopify-shop-domain", "")},
    )


_SENDERS: Mapping[str, Callable[[WebhookRequest, Mapping[str, Any]], Told]] = {
    "calendly": _calendly,
    "github": _github,
    "shopify": _shopify,
    "stripe": _stripe,
    "typeform": _typeform,
}


def _answer(answer: Any) -> Any:
    """Return what was answered, whatever kind of question it was."""
    kind = _text(answer, "type")
    found = at(answer, kind)
    if kind == "choice":
        return at(found, "label") or at(found, "other")
    if kind == "choices":
        chosen = _list(found, "labels")
        return [*chosen, *([at(found, "other")] if at(found, "other") else [])]
    return found


def _picked(value: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """Return of each name what stands at the first of its places that holds something, None where none does."""
    return {name: first(value, places) for name, places in names.items()}


def _list(value: Any, path: str) -> list[Any]:
    found = at(value, path)
    return found if isinstance(found, list) else []


def _text(value: Any, path: str) -> str:
    found = at(value, path)
    return str(found) if isinstance(found, (str, int)) else ""


def _joined(*parts: str) -> str | None:
    return ":".join(parts) if all(parts) else None
