"""Alerts of all senders in the same words: repeats, ends, signatures, and bodies that lie."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import msgspec
import pytest

from connectors.alerts import alertmanager, azure_monitor, datadog, grafana, newrelic, sentry
from connectors.alerts._alert import Taken, moment_of, severity_of
from connectors.alerts._callers import Caller
from connectors.sdk import CredentialsError, Item, Settings, SettingsError, WebhookRequest, fill

SECRET = "s3cret-s3cret"
UNSIGNED = {
    "alertmanager": alertmanager.alert,
    "grafana": grafana.alert,
    "datadog": datadog.alert,
    "newrelic": newrelic.alert,
    "azure_monitor": azure_monitor.alert,
}
AZURE = {"alertId": "/a/b/1", "alertRule": "R", "firedDateTime": "2026-11-20T10:00:00Z"}


def call(body: Any, **headers: str) -> WebhookRequest:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return WebhookRequest(body=content, headers=headers, query={})


def signed(body: Any, **headers: str) -> WebhookRequest:
    """Sign a call as Sentry does."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    digest = hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest()
    return call(content, **{"sentry-hook-signature": digest, **{n.replace("_", "-"): v for n, v in headers.items()}})


def one(name: str, status: str) -> Any:
    """Write one alert as each sender does when it begins or ends."""
    over = status == "resolved"
    prometheus = {
        "alerts": [
            {"status": status, "fingerprint": "f", "labels": {"alertname": "A"}, "startsAt": "2026-11-20T10:00:00Z"}
        ]
    }
    return {
        "alertmanager": prometheus,
        "grafana": prometheus,
        "datadog": {"title": "A", "transition": "Recovered" if over else "Triggered", "key": "f", "cycle": "c"},
        "newrelic": {"id": "f", "title": "A", "state": "CLOSED" if over else "ACTIVATED", "createdAt": 1790000000000},
        "azure_monitor": {"data": {"essentials": {**AZURE, "monitorCondition": "Resolved" if over else "Fired"}}},
    }[name]


def take(name: str, body: Any, connection: Settings | None = None, **headers: str) -> list[Item]:
    found: list[Item] = UNSIGNED[name].function(call(body, **headers), Taken(), connection)
    return found


@pytest.mark.parametrize("name", UNSIGNED)
def test_an_alert_begins_and_ends_as_two_events_of_one_subject(name):
    (first,), (again,), (over,) = (take(name, one(name, status)) for status in ("firing", "firing", "resolved"))
    assert first.key == again.key
    assert first.key != over.key
    assert first.subject == over.subject
    assert [item.content["status"] for item in (first, over)] == ["firing", "resolved"]
    assert first.content["source"] == name
    assert first.content["raw"]


@pytest.mark.parametrize("name", UNSIGNED)
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000, b'{"alerts": 1}', b'{"data": {}}'])
def test_what_is_no_alert_is_refused_in_a_sentence(name, body):
    with pytest.raises(SettingsError, match=r"no alert as .* sends it") as refused:
        take(name, body)
    assert refused.value.message.endswith(".")


def test_a_call_holds_ten_thousand_alerts_at_most():
    alert = one("alertmanager", "firing")["alerts"][0]
    several = [{**alert, "fingerprint": str(n)} for n in range(10_001)]
    assert len(take("alertmanager", {"alerts": several[:10_000]})) == 10_000
    with pytest.raises(SettingsError, match="10,000 alerts at most"):
        take("alertmanager", {"alerts": several})


def test_an_alert_without_a_fingerprint_is_known_by_its_labels():
    labels = {"alertname": "A", "instance": "1"}
    first, other = ({"alerts": [{"status": "firing", "labels": {**labels, "instance": n}}]} for n in "12")
    assert take("alertmanager", first)[0].subject == take("alertmanager", first)[0].subject
    assert take("alertmanager", first)[0].subject != take("alertmanager", other)[0].subject


def test_odd_values_are_taken_as_they_are():
    odd = {"labels": {"alertname": "A\0", "n": 1, "deep": {"a": [1]}}, "annotations": None, "startsAt": "never"}
    (item,) = take("alertmanager", {"alerts": [odd]})
    assert item.content["labels"] == {"alertname": "A", "n": "1", "deep": '{"a":[1]}'}
    assert (item.content["starts_at"], item.content["status"]) == (None, "firing")


@pytest.mark.parametrize(
    ("given", "headers", "proven"),
    [
        ({"kind": "bearer"}, {"authorization": f"Bearer {SECRET}"}, True),
        ({"kind": "bearer"}, {"authorization": "Bearer another"}, False),
        ({"kind": "bearer"}, {"authorization": f"Basic {SECRET}"}, False),
        ({"kind": "bearer"}, {}, False),
        ({"kind": "basic", "username": "a"}, {"authorization": "Basic YTpzM2NyZXQtczNjcmV0"}, True),
        ({"kind": "basic", "username": "b"}, {"authorization": "Basic YTpzM2NyZXQtczNjcmV0"}, False),
        ({"kind": "header", "header": "X-Key"}, {"x-key": SECRET}, True),
        ({"kind": "header", "header": "X-Key"}, {"x-token": SECRET}, False),
    ],
)
def test_a_connection_says_who_may_call(given, headers, proven):
    connection = fill(Caller, {"secret": SECRET, **given})
    try:
        taken = len(take("datadog", one("datadog", "firing"), connection, **headers)) == 1
    except CredentialsError:
        taken = False
    assert taken is proven


# The structs webhookMessage (receivers/webhook/v1/webhook.go) and ExtendedAlert (templates) of grafana/alerting, where
# an alert that has not ended ends in the year 1 and one without figures has none
FROM_GRAFANA = {
    "receiver": "hub",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Full", "grafana_folder": "Shop", "severity": "page"},
            "annotations": {"summary": "Almost full"},
            "startsAt": "2026-11-20T10:00:00.5Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://grafana.example/alerting/grafana/r1/view?orgId=1",
            "fingerprint": "c6eadffa33fcdf37",
            "silenceURL": "https://grafana.example/alerting/silence/new",
            "dashboardURL": "https://grafana.example/d/d1",
            "panelURL": "https://grafana.example/d/d1?viewPanel=2",
            "ruleUID": "r1",
            "values": None,
            "valueString": "",
            "orgId": 1,
        }
    ],
    "groupLabels": {},
    "commonLabels": {},
    "commonAnnotations": {},
    "externalURL": "https://grafana.example/",
    "version": "1",
    "groupKey": '{}:{alertname="Full"}',
    "truncatedAlerts": 0,
    "orgId": 1,
    "title": "[FIRING:1] Full",
    "state": "alerting",
    "message": "",
}


def test_grafana_is_read_as_its_notifier_writes():
    (item,) = take("grafana", FROM_GRAFANA)
    told = {name: item.content[name] for name in ("fingerprint", "severity", "starts_at", "ends_at", "url")}
    assert told == {
        "fingerprint": "c6eadffa33fcdf37",
        "severity": "critical",
        "starts_at": "2026-11-20T10:00:00.500000Z",
        "ends_at": None,
        "url": "https://grafana.example/d/d1?viewPanel=2",
    }


# The default payload of a webhook in New Relic's workflows, as its Handlebars template writes an issue about no entity:
# {{ json ... }} of what is not there is null
FROM_NEW_RELIC = {
    "id": "8ba1",
    "issueUrl": None,
    "title": None,
    "priority": None,
    "impactedEntities": None,
    "totalIncidents": 1,
    "state": "CREATED",
    "trigger": "INCIDENT_ADDED",
    "isCorrelated": False,
    "createdAt": 1790000000000,
    "updatedAt": 1790000060000,
    "sources": ["newrelic"],
    "alertPolicyNames": ["Shop"],
    "alertConditionNames": None,
    "workflowName": "To the hub",
}


def test_new_relic_may_leave_values_out():
    (item,) = take("newrelic", FROM_NEW_RELIC)
    assert (item.subject, item.content["status"], item.content["title"]) == ("8ba1", "firing", "")
    assert item.content["labels"] == {"workflow": "To the hub", "policy": "Shop"}


def from_grafana(age: float, added: bytes = b"") -> list[Item]:
    """Sign a call so long ago as grafana/alerting does (http/hmac.go), and add something to it afterwards."""
    body = msgspec.json.encode(FROM_GRAFANA)
    moment = str(int(time.time() - age))
    digest = hmac.new(SECRET.encode(), f"{moment}:".encode() + body, hashlib.sha256).hexdigest()
    connection = fill(grafana.Connection, {"secret": SECRET, "time_header": "X-Time"})
    headers = {"x-grafana-alerting-signature": digest, "x-time": moment}
    found: list[Item] = grafana.alert.function(call(body + added, **headers), Taken(), connection)
    return found


def test_grafana_signs_its_time_too():
    assert len(from_grafana(0)) == 1


@pytest.mark.parametrize(("age", "added", "said"), [(3600, b"", "too old"), (0, b" ", "not signed")])
def test_grafana_is_refused_when_late_or_changed(age, added, said):
    with pytest.raises(CredentialsError, match=said):
        from_grafana(age, added)


SENTRY = fill(sentry.Connection, {"secret": SECRET})
ISSUE = {
    "id": "7",
    "title": "Boom",
    "level": "fatal",
    "firstSeen": "2026-11-20T10:00:00Z",
    "lastSeen": "2026-11-20T10:00:00Z",
}


def from_sentry(body: Any, resource: str) -> list[Item]:
    found: list[Item] = sentry.alert.function(signed(body, sentry_hook_resource=resource), Taken(), SENTRY)
    return found


def test_sentry_tells_of_issues_from_their_creation_to_their_end():
    actions = ["created", "created", "resolved", "unresolved", "assigned"]
    found = [from_sentry({"action": action, "data": {"issue": ISSUE}}, "issue") for action in actions]
    keys = [item.key for items in found for item in items]
    assert [len(items) for items in found] == [1, 1, 1, 1, 0]
    assert (keys[0], len(set(keys))) == (keys[1], 3)
    assert {item.subject for items in found for item in items} == {"issue-7"}
    assert found[0][0].content["severity"] == "critical"


def test_sentry_tells_of_alert_rules_and_metrics():
    event = {"event_id": "e1", "issue_id": "7", "title": "Boom", "level": "warning", "tags": [["env", "prod"], "odd"]}
    (item,) = from_sentry({"action": "triggered", "data": {"event": event, "triggered_rule": "All"}}, "event_alert")
    assert (item.content["labels"], item.subject) == ({"env": "prod"}, "issue-7")
    metric = {"id": "1", "identifier": "9", "alert_rule": {"name": "Errors"}, "date_started": "2026-11-20T10:00:00Z"}
    told = [
        from_sentry({"action": action, "data": {"metric_alert": metric}}, "metric_alert")[0]
        for action in ("critical", "resolved")
    ]
    assert [item.content["status"] for item in told] == ["firing", "resolved"]
    assert told[0].content["title"] == "Errors"


def test_sentry_is_taken_with_its_signature_only():
    body = {"action": "created", "data": {"issue": ISSUE}}
    with pytest.raises(CredentialsError, match="not signed"):
        sentry.alert.function(call(body, **{"sentry-hook-resource": "issue"}), Taken(), SENTRY)
    with pytest.raises(CredentialsError, match="Choose the connection"):
        sentry.alert.function(signed(body, sentry_hook_resource="issue"), Taken(), None)
    assert from_sentry({"action": "created", "data": {}}, "installation") == []
    with pytest.raises(SettingsError, match="no issue in it"):
        from_sentry({"action": "created", "data": {"issue": 1}}, "issue")


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-11-20T10:00:00+02:00", "2026-11-20T08:00:00Z"),
        ("2026-11-20T10:00:00.1234567Z", "2026-11-20T10:00:00.123456Z"),
        (1790000000, "2026-09-21T14:13:20Z"),
        ("1790000000000", "2026-09-21T14:13:20Z"),
        ("0001-01-01T00:00:00Z", None),
        ("soon", None),
        (None, None),
        (1e300, None),
        (-5, None),
    ],
)
def test_times_are_read_in_every_form(given, moment):
    assert moment_of(given) == moment


@pytest.mark.parametrize(
    ("word", "severity"), [("CRITICAL", "critical"), ("Sev1", "error"), (" warn ", "warning"), ("P5", "info"), (3, "")]
)
def test_severities_are_told_in_four_words(word, severity):
    assert severity_of(word) == severity
