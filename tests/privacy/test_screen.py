"""The screen: what leaves is masked or kept back by policy, what comes back is what the document said."""

from __future__ import annotations

import pytest

from hub.audit import Audit
from hub.errors import ForbiddenError, InvalidError, StaleError
from hub.jail import Jail
from hub.members import Member
from hub.privacy import Action, Kind, PersonalDataError, Policy, Privacy, Screen
from tests.conftest import Members

TEXT = "Pay to DE89 3704 0044 0532 0130 00 or write to Anna at anna@mail.example. Account DE89370400440532013000."


async def screened(jail: Jail, action: Action, *texts: str) -> Screen:
    screen = Screen(Policy(action=action), jail)
    await screen.examine(texts or (TEXT,))
    return screen


async def test_masks_each_value_by_one_placeholder(jail: Jail):
    screen = await screened(jail, Action.MASK)
    assert screen.leaving(TEXT) == "Pay to [IBAN_1] or write to Anna at [EMAIL_1]. Account [IBAN_1]."


async def test_puts_the_values_back_wherever_they_stand(jail: Jail):
    screen = await screened(jail, Action.MASK)
    screen.leaving(TEXT)
    answer = {"iban": "[IBAN_1]", "rows": [{"mail": "EMAIL_1", "note": "mail [EMAIL_1] now", "count": 3}], "none": None}
    assert screen.restore(answer) == {
        "iban": "DE89 3704 0044 0532 0130 00",
        "rows": [{"mail": "anna@mail.example", "note": "mail anna@mail.example now", "count": 3}],
        "none": None,
    }


async def test_a_part_is_masked_like_the_whole(jail: Jail):
    screen = await screened(jail, Action.MASK)
    start = TEXT.index("3704")
    assert screen.leaving(TEXT, start, start + 30) == "[IBAN_1] or writ"


async def test_words_that_look_like_a_placeholder_keep_their_meaning(jail: Jail):
    text = "The field [IBAN_1] holds DE89370400440532013000."
    screen = await screened(jail, Action.MASK, text)
    assert screen.leaving(text) == "The field [IBAN_1] holds [IBAN_2]."
    assert screen.restore("[IBAN_1]") == "[IBAN_1]"


async def test_says_what_was_masked(jail: Jail):
    screen = await screened(jail, Action.MASK)
    told = screen.notes([(TEXT, 0, len(TEXT))])
    assert told == ["Personal data: 2 account numbers and 1 mail address were masked before anything was sent."]


async def test_a_flagged_document_leaves_as_it_is_and_that_is_told(jail: Jail):
    screen = await screened(jail, Action.FLAG)
    assert screen.leaving(TEXT) == TEXT
    assert screen.notes([(TEXT, 0, len(TEXT))]) == ["Personal data: 2 account numbers and 1 mail address were sent."]


async def test_a_refused_document_does_not_leave(jail: Jail):
    screen = await screened(jail, Action.REFUSE)
    with pytest.raises(PersonalDataError, match="2 account numbers and 1 mail address"):
        screen.leaving(TEXT)
    assert screen.leaving(TEXT, 0, 6) == "Pay to"


async def test_a_model_on_this_machine_is_exempt(jail: Jail):
    screen = await screened(jail, Action.REFUSE)
    assert screen.leaving(TEXT, is_local=True) == TEXT
    assert screen.notes([(TEXT, 0, 50)], is_local=True) == []


async def test_unless_it_is_not_to_be(jail: Jail):
    screen = Screen(Policy(action=Action.REFUSE, exempt_local=False), jail)
    await screen.examine([TEXT])
    with pytest.raises(PersonalDataError):
        screen.leaving(TEXT, is_local=True)


@pytest.mark.parametrize(
    ("action", "shows"), [(Action.ALLOW, True), (Action.FLAG, True), (Action.MASK, False), (Action.REFUSE, False)]
)
async def test_pictures_leave_only_where_nothing_has_to_be_masked(jail: Jail, action: Action, shows: bool):
    screen = await screened(jail, action)
    assert screen.shows_pictures() is shows
    assert screen.shows_pictures(is_local=True)


async def test_a_workspace_begins_with_flags_and_its_owner_changes_that(members: Members):
    privacy = Privacy(Audit())
    assert (await privacy.show(members.viewer)).policy.action is Action.FLAG
    changed = await privacy.change(members.owner, Policy(action=Action.MASK, kinds=(Kind.IBAN,)))
    assert (changed.policy.action, changed.policy.kinds, changed.revision) == (Action.MASK, (Kind.IBAN,), 1)
    assert (await privacy.show(members.outsider)).revision == 0
    with pytest.raises(ForbiddenError):
        await privacy.change(members.admin, Policy())


async def test_a_policy_changed_meanwhile_is_not_overwritten(member: Member):
    privacy = Privacy(Audit())
    await privacy.change(member, Policy(), revision=0)
    with pytest.raises(StaleError):
        await privacy.change(member, Policy(), revision=0)
    with pytest.raises(StaleError):
        await privacy.change(member, Policy(), revision=7)
    assert (await privacy.change(member, Policy(), revision=1)).revision == 2


async def test_names_without_their_packages_are_refused_with_what_to_install(member: Member):
    with pytest.raises(InvalidError, match=r"patchdeck\[privacy\]"):
        await Privacy(Audit()).change(member, Policy(kinds=(Kind.NAME,)))
