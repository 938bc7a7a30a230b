"""Payloads as msgspec JSON: readable in Temporal's own interface, and many times cheaper than the default."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
)


class MsgspecConverter(EncodingPayloadConverter):
    """Structs to and from `json/plain`."""

    @property
    def encoding(self) -> str:
        """The encoding's name in the payload's metadata."""
        return "json/plain"

    def to_payload(self, value: Any) -> Payload | None:
        """Encode any value msgspec knows."""
        return Payload(metadata={"encoding": b"json/plain"}, data=msgspec.json.encode(value))

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        """Decode into the type the signature names."""
        return msgspec.json.decode(payload.data, type=type_hint or Any)


class HubPayloadConverter(CompositePayloadConverter):
    """Temporal's converters for nothing, bytes and protobuf; ours for everything else."""

    def __init__(self) -> None:
        kept = [
            converter
            for converter in DefaultPayloadConverter.default_encoding_payload_converters
            if converter.encoding != "json/plain"
        ]
        super().__init__(*kept, MsgspecConverter())


CONVERTER = dataclasses.replace(DataConverter.default, payload_converter_class=HubPayloadConverter)
