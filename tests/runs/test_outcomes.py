"""How deliveries end that a target tells of one by one."""

from uuid import uuid4

from connectors.sdk import NoSettings, Rejected
from hub.runs.ledger import Write
from hub.runs.outcomes import Sending, settled, take


def told(answer):
    write = Write(key="KEY-1", item=uuid4(), step="book", path="", generation=0, rows=[], settings={})
    sending = Sending(write=write, settings=NoSettings())
    take(sending, answer)
    return sending


def test_leaves_open_what_became_of_a_record_whose_request_was_cut():
    cut = told(Rejected(message="The connection was cut.", kind="TemporaryError", uncertain=True))
    refused = told(Rejected(message="The name is missing."))
    assert (settled(cut).state, settled(refused).state) == ("pending", "failed")


def test_heeds_how_long_a_part_of_a_batch_shall_wait():
    sending = told(Rejected(message="Not now.", kind="TemporaryError", retry_after=7.0))
    assert sending.failure is not None
    assert (sending.failure.temporary, sending.failure.retry_after) == (True, 7.0)
