"""Items by hand: the hub makes them, the connector only says what people are asked."""

import msgspec
import pytest

from connectors.manual import Submitted, submitted
from connectors.sdk import TriggerKind, fill


def test_submitted_leaves_the_items_to_the_hub():
    assert submitted.kind is TriggerKind.NATIVE
    assert submitted.function(fill(Submitted, {"instructions": "Drop invoices here."})) is None


def test_submitted_refuses_what_it_does_not_know():
    with pytest.raises(msgspec.ValidationError):
        fill(Submitted, {"form": []})
