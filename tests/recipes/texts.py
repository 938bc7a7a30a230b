"""Recipes that several tests read."""

from __future__ import annotations

import textwrap

HEAD = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: orders}
spec:
"""

HOOK = "trigger: {uses: webhook.received}"


def recipe(steps: str, *, trigger: str = HOOK, rest: str = "") -> str:
    """Return a document with these steps, written as YAML below `steps:`."""
    body = f"{trigger}\nsteps:\n{textwrap.indent(textwrap.dedent(steps).strip(), '  ')}\n{textwrap.dedent(rest)}"
    return HEAD + textwrap.indent(body, "  ")


WHOLE = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: invoices-to-ledger, title: Invoices to ledger, labels: [finance]}
spec:
  trigger:
    uses: webhook.received
    with: {dedupe: field, field: id}
  steps:
    - id: read
      uses: extract
      with: {schema: invoice, source: "{{ trigger.body.file }}"}
    - id: large
      uses: filter
      with: {all: [{left: "{{ read.total }}", is: at_least, right: 100}]}
    - id: book
      uses: http.send
      with:
        url: https://ledger.example/rows
        json: {number: "{{ read.number }}", total: "{{ read.total }}", due: "{{ read.due_date }}"}
      retry: {attempts: 5, first: 2s, factor: 2}
      on_error: alert
    - id: alert
      uses: http.send
      with: {url: https://alerts.example/, text: "{{ error.step }}: {{ error.message }}"}
  settings: {concurrency: 4, time_zone: Europe/Paris, keep_outputs: all}
"""
