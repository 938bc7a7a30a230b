"""Zapier's apps by the names its exports use, and what to do instead where there is no counterpart."""

from __future__ import annotations

import re
from collections.abc import Mapping

_ENDS = re.compile(r"(?:V\d+)?(?:CLI)?API(?:@.*)?$")
_SHEET = "Write the rows to a dataset (dataset.write_rows) or a file (files.append_csv), or send them with http.send."
_CODE = "Recipes hold no code. Say it with set and Liquid, filter or branch, or let a service of yours do it."

# What an app did, and what to do instead
OTHERS: Mapping[str, tuple[str, str]] = {
    "code": ("Ran a program.", _CODE),
    "googlesheets": ("Read or wrote a spreadsheet of Google.", _SHEET),
    "excel": ("Read or wrote a spreadsheet of Microsoft.", _SHEET),
    "airtable": ("Read or wrote an Airtable base.", _SHEET),
    "zapierformatter": (
        "Reshaped a value.",
        "Liquid's filters do much of that: downcase, split, replace, date, number, money.",
    ),
    "zapierlooping": ("Went through a list.", "Set each on the steps that follow, with the list they go through."),
    "storage": ("Kept a value for later.", "A dataset keeps values: dataset.write_rows and dataset.query."),
    "digest": ("Collected items into a digest.", "An aggregate step collects items by count or time."),
    "ai": ("Asked a language model.", "Let an extract step fill a schema; it asks a model where rules do not do."),
    "chatgpt": ("Asked a language model.", "Let an extract step fill a schema; it asks a model where rules do not do."),
    "openai": ("Asked a language model.", "Let an extract step fill a schema; it asks a model where rules do not do."),
    "subzap": ("Called another Zap.", "Bring it along as a recipe too, and call it with a recipe step."),
    "zapiertables": (
        "Read or wrote a table of Zapier.",
        "Datasets are tables of the hub: dataset.write_rows, dataset.query.",
    ),
}


def app_of(selected: str) -> str:
    """Return an app's bare name: `SlackCLIAPI@1.2.3` and `SlackAPI` are `slack`; of a kind, its part before the dot."""
    bare = _ENDS.sub("", selected.partition("@")[0]) or selected
    return "".join(letter for letter in bare.partition(".")[0].lower() if letter.isalnum()) or "unknown"
