"""What n8n's nodes do that have no counterpart here, and what to do instead: a table, read where no translator is."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_NO_STEP = "There is no step here that does this."


class Known(msgspec.Struct, frozen=True):
    """What a kind of node does, what to do instead, and why it did not translate."""

    did: str
    instead: str
    why: str = _NO_STEP


_CODE = "Recipes hold no code: nothing that people write runs in the hub."
_SHEET = "Write the rows to a dataset (dataset.write_rows) or a file (files.append_csv), or send them with http.send."
_ASK = "Ask the service with http.request, or send with http.send, over a connection."
_EXTRACT = "Let an extract step fill a schema; it asks a model where rules do not do."

LANGUAGE_MODELS = Known("Asked a language model, or served one that did.", _EXTRACT)

OTHERS: Mapping[str, Known] = {
    "code": Known(
        "Ran a program.",
        "Say it with set and Liquid, filter, or branch; what is more goes into a service of yours.",
        _CODE,
    ),
    "function": Known("Ran a program.", "Say it with set and Liquid, filter, or branch.", _CODE),
    "functionItem": Known("Ran a program for each item.", "Say it with set and Liquid, on each element.", _CODE),
    "executeCommand": Known(
        "Ran a command on the machine.", "Let a service of yours do it, called by http.send.", _CODE
    ),
    "ssh": Known("Ran a command on another machine.", "Let a service of yours do it, called by http.send.", _CODE),
    "googleSheets": Known("Read or wrote a spreadsheet of Google.", _SHEET),
    "microsoftExcel": Known("Read or wrote a spreadsheet of Microsoft.", _SHEET),
    "airtable": Known("Read or wrote an Airtable base.", f"{_SHEET} Airtable takes rows over http.send, too."),
    "notion": Known("Read or wrote pages of Notion.", _ASK),
    "supabase": Known("Read or wrote rows of Supabase.", "Reach its database with a postgres connection."),
    "mySql": Known("Read or wrote a MySQL database.", "Reach it through a service of yours, with http.request."),
    "mongoDb": Known("Read or wrote a MongoDB database.", "Reach it through a service of yours, with http.request."),
    "redis": Known("Read or wrote Redis.", "Keep the values in a dataset; dedupe remembers keys."),
    "telegram": Known("Sent a message over Telegram.", "Call the bot's address with http.send over a connection."),
    "discord": Known("Sent a message to Discord.", "Call the channel's webhook address with http.send."),
    "rssFeedRead": Known("Read a feed in the middle of the flow.", "Let the recipe start with rss.new_entry."),
    "html": Known("Took values out of HTML, or wrote some.", f"{_EXTRACT} A template step writes HTML."),
    "htmlExtract": Known("Took values out of HTML.", _EXTRACT),
    "markdown": Known("Turned Markdown into HTML, or back.", "Write the HTML with a template step."),
    "xml": Known("Read or wrote XML.", _EXTRACT),
    "extractFromFile": Known("Read a file's content.", _EXTRACT),
    "convertToFile": Known(
        "Made a file of values.", "files.append_csv, files.append_jsonl and files.write_xlsx write files."
    ),
    "spreadsheetFile": Known(
        "Read or wrote a spreadsheet file.", "files.write_xlsx writes one; an extract step reads one."
    ),
    "readWriteFile": Known(
        "Read or wrote a file of the machine.", "folder.file_added reads folders; files.append_jsonl writes."
    ),
    "readBinaryFile": Known("Read a file of the machine.", "Let the recipe start with folder.file_added."),
    "readBinaryFiles": Known("Read files of the machine.", "Let the recipe start with folder.file_added."),
    "writeBinaryFile": Known("Wrote a file of the machine.", "files.append_csv and files.append_jsonl write files."),
    "compression": Known(
        "Packed or unpacked files.", "Archives are unpacked where documents are read: give one to an extract step."
    ),
    "dateTime": Known("Computed with dates.", "The filter date writes dates; conditions compare them."),
    "summarize": Known(
        "Counted and summed a list.", "A dataset sums in its charts; the filters size and sum do so for a list."
    ),
    "compareDatasets": Known("Compared two lists.", "Write both to datasets and ask with dataset.query."),
    "graphql": Known("Asked a GraphQL service.", "Send the query with http.request, method POST, as its JSON body."),
    "errorTrigger": Known("Started when another workflow failed.", "Subscribe to item.dead with an outbound webhook."),
    "wait": Known(
        "Waited for a call or a form.", "An approve step waits for a person; a second recipe starts with a call."
    ),
    "n8n": Known("Looked after n8n itself.", "The hub's REST does that for recipes."),
    "hubspot": Known("Read or wrote HubSpot.", _ASK),
    "googleDrive": Known("Read or wrote files of Google Drive.", _ASK),
    "twilio": Known("Sent a message or called over Twilio.", _ASK),
    "jira": Known("Read or wrote issues of Jira.", _ASK),
    "github": Known("Read or wrote GitHub.", _ASK),
    "googleCalendar": Known("Read or wrote a calendar of Google.", _ASK),
    "openAi": LANGUAGE_MODELS,
    "chainLlm": LANGUAGE_MODELS,
    "agent": LANGUAGE_MODELS,
    "informationExtractor": Known(
        "Filled fields from a text with a model.", "An extract step with a schema of these fields."
    ),
}


def short(kind: str) -> str:
    """Return a node's kind without its package: `n8n-nodes-base.if` is `if`."""
    return kind.rpartition(".")[2]
