"""Starter examples: recipe documents that work once their blanks are filled in."""

from __future__ import annotations

import msgspec

from hub.text import say


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One example: what it is called in the catalogue, its icon, its document."""

    key: str
    icon: str
    document: str

    @property
    def title(self) -> str:
        """Its title for people."""
        return say(f"example.{self.key}")

    @property
    def text(self) -> str:
        """What it does."""
        return say(f"example.{self.key}_text")


EXAMPLES = (
    Example(
        key="webhook",
        icon="webhook",
        document="""apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: orders-to-table, title: Orders to a table}
spec:
  trigger:
    uses: webhook.received
  steps:
    - id: large
      uses: filter
      with:
        all: [{left: "{{ trigger.body.total }}", is: at_least, right: 10}]
    - id: keep
      title: Keep the order
      uses: dataset.write_rows
      with:
        dataset: orders
        mode: upsert
        key: [number]
        columns:
          number: "{{ trigger.body.number }}"
          customer: "{{ trigger.body.customer }}"
          total: "{{ trigger.body.total }}"
""",
    ),
    Example(
        key="invoices",
        icon="document_scanner",
        document="""apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: invoices-to-table, title: Invoices to a table}
spec:
  trigger:
    uses: manual.submitted
    with: {instructions: "Drop an invoice as PDF, DOCX or text."}
  steps:
    - id: read
      title: Read the invoice
      uses: extract
      with: {schema: invoice, source: "{{ trigger.file }}"}
    - id: book
      title: Book it
      uses: dataset.write_rows
      with:
        dataset: invoices
        mode: upsert
        key: [number]
        columns:
          number: "{{ read.number }}"
          supplier: "{{ read.supplier.name }}"
          issued: "{{ read.issue_date }}"
          currency: "{{ read.currency }}"
          total: "{{ read.total }}"
""",
    ),
    Example(
        key="feed",
        icon="rss_feed",
        document="""apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: feed-watch, title: Watch a feed}
spec:
  trigger:
    uses: rss.new_entry
    with: {url: "https://example.org/feed.xml", every: 15m}
  steps:
    - id: relevant
      uses: filter
      with:
        any:
          - {left: "{{ trigger.title }}", is: contains, right: release}
          - {left: "{{ trigger.title }}", is: contains, right: security}
    - id: keep
      uses: dataset.write_rows
      with:
        dataset: news
        mode: insert
        columns: {title: "{{ trigger.title }}", link: "{{ trigger.link }}"}
""",
    ),
    Example(
        key="branch",
        icon="call_split",
        document="""apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: sort-requests, title: Sort requests}
spec:
  trigger:
    uses: webhook.received
  steps:
    - id: kind
      uses: branch
      with:
        cases:
          urgent: {all: [{left: "{{ trigger.body.priority }}", is: at_least, right: 8}]}
          usual: {all: [{left: "{{ trigger.body.priority }}", is: at_least, right: 3}]}
        else: later
    - id: ring
      title: Keep as urgent
      after: [{step: kind, case: urgent}]
      uses: dataset.write_rows
      with: {dataset: urgent, mode: insert, columns: {subject: "{{ trigger.body.subject }}"}}
    - id: queue
      title: Keep in the queue
      after: [{step: kind, case: usual}]
      uses: dataset.write_rows
      with: {dataset: queue, mode: insert, columns: {subject: "{{ trigger.body.subject }}"}}
""",
    ),
    Example(
        key="blank",
        icon="note_add",
        document="""apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: my-recipe, title: My recipe}
spec:
  trigger:
    uses: webhook.received
  steps:
    - id: shape
      uses: set
      with:
        fields:
          received: "{{ trigger.body }}"
""",
    ),
)

# Nothing yet: for those who draw their recipe
DRAWN = Example(
    key="drawn",
    icon="schema",
    document="""apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: my-drawing, title: My drawing}
spec:
  trigger:
    uses: manual.submitted
""",
)
