"""Pages of the simulated services: what they hold, and a form that adds to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

TITLES = {"contacts": "Simulated CRM", "tickets": "Simulated ticket desk", "answers": "Simulated survey"}
_ASKED = {
    "contacts": ("name", "email", "company", "phone"),
    "tickets": ("subject", "description", "priority", "contact"),
    "answers": ("contact", "email", "score", "comment"),
}
_VERBS = {"contacts": "Add a contact", "tickets": "Open a ticket", "answers": "Answer the survey"}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 900px; margin: 0 auto; padding: 24px 16px 60px; }
.label { background: #ffe08a; color: #3a2a00; border-radius: 6px; padding: 8px 12px; }
nav a { margin-right: 16px; } nav [aria-current] { font-weight: 700; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: 16px 0; }
th, td { text-align: left; padding: 6px 10px; border-bottom: 1px solid #8886; white-space: nowrap; }
form { display: grid; gap: 12px; max-width: 420px; } label { display: grid; gap: 4px; }
input, button { font: inherit; padding: 8px; } .error { color: #b3261e; background: #fff; padding: 8px; }
"""


def page(kind: str, records: Sequence[Mapping[str, Any]], error: str = "") -> str:
    """Return a service's page as HTML; everything in it that people have typed is escaped."""
    title = TITLES[kind]
    links = "".join(
        f'<a href="/{name}"{" aria-current=page" if name == kind else ""}>{escape(one)}</a>'
        for name, one in TITLES.items()
    )
    wrong = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
        f'<p class="label">This service is simulated for the demo. Nothing in it is real, and nothing leaves this '
        f"machine.</p><nav>{links}</nav><main><h1>{title}</h1>{_table(kind, records)}"
        f"<h2>{_VERBS[kind]}</h2>{wrong}{_form(kind)}</main></body></html>"
    )


def _cell(name: str, value: Any) -> str:
    """Return what a cell shows: a moment without the parts of a second, a text that is not too long."""
    return str(value)[:16].replace("T", " ") if name == "updated_at" else str(value)[:120]


def _table(kind: str, records: Sequence[Mapping[str, Any]]) -> str:
    names = ("id", *_ASKED[kind], "updated_at")
    head = "".join(f'<th scope="col">{name.replace("_", " ")}</th>' for name in names)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(name, record[name]))}</td>' for name in names)}</tr>"
        for record in reversed(records[-100:])
    )
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _form(kind: str) -> str:
    fields = "".join(f'<label>{name}<input name="{name}" {_KINDS.get(name, "")}></label>' for name in _ASKED[kind])
    return f'<form method="post" action="/{kind}">{fields}<button>{_VERBS[kind]}</button></form>'


_KINDS = {"email": 'type="email"', "score": 'type="number" min="0" max="10"'}
