"""What Node-RED's nodes do that have no counterpart here, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

_CODE = "Recipes hold no code. Say it with set and Liquid, filter or branch, or let a service of yours do it."
_DEVICE = "Let a service of yours pass the messages on to the webhook, or take them from http.send."
_READ = "Let an extract step fill a schema from the file."

# What only shows, links or marks: runs here show each step's input and output by themselves
QUIET = frozenset({"debug", "link in", "link out", "junction", "status", "complete", "json", "ui_text", "unknown"})

OTHERS: Mapping[str, tuple[str, str]] = {
    "function": ("Ran a program.", _CODE),
    "exec": ("Ran a command on the machine.", _CODE),
    "mqtt out": ("Sent a message over MQTT.", _DEVICE),
    "tcp out": ("Sent over TCP.", _DEVICE),
    "udp out": ("Sent over UDP.", _DEVICE),
    "tcp request": ("Asked over TCP.", _DEVICE),
    "websocket out": ("Sent over a websocket.", _DEVICE),
    "serial out": ("Sent to a serial port.", _DEVICE),
    "file in": ("Read a file of the machine.", "Let the recipe start with folder.file_added."),
    "csv": ("Read or wrote CSV.", f"files.append_csv writes it. {_READ}"),
    "html": ("Took values out of HTML.", _READ),
    "xml": ("Read or wrote XML.", _READ),
    "yaml": ("Read or wrote YAML.", "A template step writes it."),
    "batch": ("Collected messages.", "An aggregate step collects items by count or time."),
    "sort": ("Put a list in order.", "The filter sort orders the elements of a list by one field."),
    "trigger": ("Sent, then sent again later.", "Use a wait step, or a schedule."),
    "range": ("Scaled a number.", "The filters minus, times and divided_by compute."),
    "rbe": ("Let pass only what had changed.", "A dedupe step lets each key pass once."),
    "link call": ("Called another flow.", "Bring it along as a recipe too, and call it with a recipe step."),
    "catch": ("Caught errors of other nodes.", "Say on_error at the steps: continue, or the id of a step."),
    "e-mail in": ("Received mails.", "Let the recipe start with email.message_received."),
}
