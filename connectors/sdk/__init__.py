"""The language connectors are written in: declarations, settings, items, errors and guarded ways out."""

from connectors.sdk.context import Context, Datasets, Files, Folder, FolderFile
from connectors.sdk.declare import Connector, Lookup, NoSettings, Target, Trigger
from connectors.sdk.errors import ConnectorError, CredentialsError, SettingsError, TemporaryError
from connectors.sdk.items import (
    Answer,
    Attachment,
    Change,
    ChangeKind,
    Item,
    Pending,
    Receipt,
    Record,
    Rejected,
    WebhookRequest,
)
from connectors.sdk.kinds import Category, Effect, TriggerKind
from connectors.sdk.oauth import OAuth
from connectors.sdk.settings import Choice, Field, Secret, Settings, Shape, field, fields_of, fill, has_secret

__all__ = [
    "Answer",
    "Attachment",
    "Category",
    "Change",
    "ChangeKind",
    "Choice",
    "Connector",
    "ConnectorError",
    "Context",
    "CredentialsError",
    "Datasets",
    "Effect",
    "Field",
    "Files",
    "Folder",
    "FolderFile",
    "Item",
    "Lookup",
    "NoSettings",
    "OAuth",
    "Pending",
    "Receipt",
    "Record",
    "Rejected",
    "Secret",
    "Settings",
    "SettingsError",
    "Shape",
    "Target",
    "TemporaryError",
    "Trigger",
    "TriggerKind",
    "WebhookRequest",
    "field",
    "fields_of",
    "fill",
    "has_secret",
]
