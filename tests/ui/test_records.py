"""Connections, datasets, keys and the audit log in the browser."""

from playwright.async_api import expect

from connectors.sdk.describe import FieldKind
from tests.ui.documents import ORDERS
from tests.ui.hub import Session
from ui.form import WIDGETS


def test_every_kind_of_field_has_its_widget():
    assert set(WIDGETS) == set(FieldKind)


async def test_a_connection_is_made_by_its_form_and_its_secret_is_never_shown(owner: Session):
    page = await owner.page("/connections/new/postgres")
    await page.get_by_test_id("connection-name").fill("ledger")
    await page.get_by_test_id("field-host").fill("127.0.0.1")
    await page.get_by_test_id("field-port").fill("1")
    await page.get_by_test_id("field-database").fill("books")
    await page.get_by_test_id("field-user").fill("writer")
    await page.get_by_test_id("field-password").fill("very secret words")
    await page.get_by_test_id("save-connection").click()
    await expect(page.get_by_text("Set and kept sealed. Leave it empty to keep it.")).to_be_visible()
    await expect(page.get_by_text("Out of reach")).to_be_visible()
    assert "very secret words" not in await page.content()
    assert await page.get_by_test_id("field-password").input_value() == ""
    await page.close()


async def test_a_form_that_is_not_complete_says_so_and_stores_nothing(owner: Session):
    page = await owner.page("/connections/new/postgres")
    await page.get_by_test_id("connection-name").fill("halfway")
    await page.get_by_test_id("save-connection").click()
    await expect(page.get_by_text("The connection's settings have problems; nothing was stored.")).to_be_visible()
    await expect(page.get_by_text("This is missing.", exact=True)).to_have_count(4)
    named = [one["name"] for one in (await owner.call("GET", "/connections"))["items"]]
    assert "halfway" not in named
    await page.close()


async def test_viewers_are_told_why_they_cannot_add_a_connection(viewer: Session):
    page = await viewer.page("/connections")
    await expect(page.get_by_test_id("add-connection")).to_be_disabled()
    await page.goto(f"{viewer.base}/settings?tab=keys")
    await expect(page.get_by_text("Keys are for admins")).to_be_visible()
    await page.goto(f"{viewer.base}/audit")
    await expect(page.get_by_text("This needs the role admin; yours is viewer.")).to_be_visible()
    await page.close()


async def test_a_dataset_is_searched_its_rows_tell_their_history_and_it_is_exported(owner: Session):
    recipe = await owner.recipe(ORDERS.format(name="kept", title="Kept"))
    await owner.send(recipe, [{"number": f"K-{number}", "total": number} for number in (20, 30)])
    await expect((waiting := await owner.page(f"/recipes/{recipe['id']}")).get_by_text("2 delivered")).to_be_visible()
    await waiting.close()
    page = await owner.page("/datasets/kept?q=number:k-30")
    await expect(page.locator("pd-grid tbody tr")).to_have_count(1)
    await page.get_by_role("button", name="History of row 1", exact=True).click()
    await expect(page.get_by_text("by step keep")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_test_id("export").click()
    async with page.expect_download() as started:
        await page.get_by_test_id("export-csv").click()
    text = (await (await started.value).path()).read_text()
    assert text.splitlines() == ["number,total", "K-20,20", "K-30,30"]
    await page.close()


async def test_a_key_is_shown_once_and_works_until_revoked(owner: Session):
    page = await owner.page("/settings?tab=keys")
    await page.get_by_test_id("new-key").click()
    await page.get_by_label("What is it for?").fill("Reporting")
    await page.get_by_test_id("dialog-confirm").click()
    key = await page.get_by_test_id("once").inner_text()
    assert key.startswith("pd_live_")
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Reporting")).to_be_visible()
    assert key not in await page.content()
    await page.get_by_test_id("revoke Reporting").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("No keys yet")).to_be_visible()
    answer = await page.request.get(
        f"{owner.base}/api/v1/recipes", headers={"Authorization": f"Bearer {key}", "Cookie": ""}
    )
    assert answer.status == 401
    await page.close()


async def test_the_chain_of_the_audit_log_is_checked(owner: Session):
    await owner.call("POST", "/members/invitations", {"email": "chained@example.test", "role": "viewer"})
    page = await owner.page("/audit")
    await expect(page.get_by_text("member.invited").first).to_be_visible()
    await page.get_by_test_id("verify").click()
    await expect(page.get_by_text("The chain is whole")).to_be_visible()
    await page.close()


async def test_a_code_links_a_chat_and_is_shown_once(owner: Session):
    page = await owner.page("/settings?tab=chat")
    await expect(page.get_by_text("No account is linked")).to_be_visible()
    await page.get_by_test_id("make-code").click()
    await expect(page.get_by_text("connect ", exact=False).first).to_be_visible()
    await expect(page.get_by_text("It works once and expires in ten minutes.", exact=False)).to_be_visible()
    await page.close()
