"""The chat tab of the settings: what is connected, and what to click at Slack."""

from playwright.async_api import expect

from tests.ui.hub import Session


async def test_slack_is_set_up_step_by_step_with_the_manifest_of_this_hub(owner: Session):
    page = await owner.page("/settings?tab=chat")
    await expect(page.get_by_test_id("make-code")).to_be_visible()
    await expect(page.get_by_text("Not set up").first).to_be_visible()
    manifest = page.get_by_label("The app's manifest")
    await expect(manifest).to_contain_text("socket_mode_enabled: true")
    await expect(page.get_by_text("connections:write")).to_be_visible()
    await page.get_by_role("radio", name="Slack calls the hub").click()
    await expect(manifest).to_contain_text("/slack/events")
    await expect(page.get_by_text("which Slack does not call", exact=False)).to_be_visible()
    await expect(page.get_by_text("Signing Secret", exact=False)).to_be_visible()
    async with page.expect_download() as downloaded:
        await page.get_by_test_id("slack-download").click()
    assert (await downloaded.value).suggested_filename == "patchdeck-slack.yaml"
    await page.close()
