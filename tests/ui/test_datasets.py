"""Datasets in the browser: edited by keyboard, undone, filtered, charted, imported from a workbook."""

from playwright.async_api import FilePayload, Page, expect

from connectors.sdk.records.sheets import xlsx
from tests.ui.hub import Session

ROWS = [{"number": f"A-{number:03}", "total": number, "day": f"2026-0{1 + number % 3}-10"} for number in range(1, 131)]
HOSTILE = "<img src=x onerror=document.title='owned'>"


async def dataset(owner: Session, name: str) -> Page:
    """Make a dataset with rows and open it."""
    columns = [{"name": "number"}, {"name": "total", "type": "number"}, {"name": "day", "type": "date"}]
    await owner.call("POST", "/datasets", {"name": name, "key": ["number"], "columns": columns})
    await owner.call("POST", f"/datasets/{name}/import?format=json", ROWS)
    page = await owner.page(f"/datasets/{name}")
    await expect(page.get_by_role("gridcell", name="A-130").or_(page.get_by_text("A-130"))).to_be_visible()
    return page


async def test_cells_are_changed_and_undone_by_keyboard_alone(owner: Session):
    page = await dataset(owner, "by-keys")
    await page.locator("pd-grid [tabindex='0']").focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("End")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.type("12,5")
    await page.keyboard.press("Enter")
    row = page.locator("pd-grid tbody tr").first
    await expect(row).to_contain_text("12.5")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.type("many")
    await page.keyboard.press("Enter")
    await expect(page.locator("td[aria-invalid=true]")).to_have_text("many")
    await expect(page.get_by_text("'many' is no number", exact=False)).to_be_visible()
    await page.keyboard.press("Control+z")
    await expect(row).to_contain_text("130")
    await expect(page.locator("td[aria-invalid=true]")).to_have_count(0)
    assert (await owner.call("GET", "/datasets/by-keys/records?limit=1"))["items"][0]["values"]["total"] == 130
    await page.close()


async def test_rows_are_added_deleted_and_put_back_and_foreign_text_stays_text(owner: Session):
    page = await dataset(owner, "by-mouse")
    await page.get_by_test_id("add-row").click()
    await page.get_by_test_id("new number").fill(HOSTILE)
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.locator("pd-grid tbody tr").first).to_contain_text(HOSTILE)
    assert await page.title() != "owned"
    await page.locator("pd-grid tbody input").nth(0).check()
    await page.locator("pd-grid tbody input").nth(1).check()
    await page.get_by_test_id("remove-rows").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.locator("pd-grid tbody tr").first).to_contain_text("A-129")
    await page.get_by_test_id("undo").click()
    await expect(page.locator("pd-grid tbody tr").first).to_contain_text(HOSTILE)
    await page.get_by_role("button", name="History of row 1", exact=True).click()
    await expect(page.get_by_text("by Mara Lindqvist").first).to_be_visible()
    await page.close()


async def test_rows_are_sorted_filtered_and_paged(owner: Session):
    page = await dataset(owner, "looked-at")
    await page.locator("pd-grid th", has_text="total").click()
    await expect(page.locator("pd-grid tbody tr").first).to_contain_text("A-001")
    await page.get_by_test_id("page-after").click()
    await expect(page.get_by_text("Rows 101 to 130")).to_be_visible()
    await page.get_by_test_id("add-filter").click()
    await page.get_by_test_id("filter-value").fill("A-12")
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("Rows 1 to 10")).to_be_visible()
    await page.get_by_role("button", name="Do without: number contains A-12").click()
    await expect(page.get_by_text("Rows 1 to 100")).to_be_visible()
    await page.close()


async def test_a_chart_is_drawn_and_kept_with_its_figures(owner: Session):
    page = await dataset(owner, "charted")
    await page.get_by_test_id("tab-charts").click()
    await page.get_by_test_id("draw-chart").click()
    await expect(page.get_by_role("img", name="Number of rows by day, each month")).to_be_visible()
    await page.get_by_test_id("keep-chart").click()
    await expect(page.get_by_role("heading", name="Number of rows by day, each month")).to_be_visible()
    await page.get_by_text("The figures as a table").first.click()
    await expect(page.get_by_role("cell", name="2026-01").first).to_be_visible()
    await page.close()


async def test_a_workbook_is_looked_into_before_it_is_imported(owner: Session):
    rows: list[dict[str, object]] = [
        {"Number": "B-1", "Amount": 12.5, "Note": "left out"},
        {"Number": "B-2", "Amount": "much", "Note": ""},
    ]
    content = xlsx(["Number", "Amount", "Note"], rows)
    page = await dataset(owner, "imported")
    await page.get_by_test_id("import").click()
    file = FilePayload(name="rows.xlsx", mimeType="application/octet-stream", buffer=content)
    await page.get_by_label("Drop a file here, or choose one").set_input_files([file])
    await expect(page.get_by_text("The file holds 2 rows. Nothing is written yet.")).to_be_visible()
    await page.get_by_label("Where the column Amount goes").click()
    await page.get_by_role("option", name="total", exact=True).click()
    await expect(page.get_by_role("option")).to_have_count(0)
    await page.get_by_label("Where the column Note goes").click()
    await page.get_by_role("option", name="Leave it out").click()
    await page.get_by_test_id("dialog-confirm").click()
    await expect(page.get_by_text("rows[1].total", exact=False)).to_be_visible()
    found = (await owner.call("GET", "/datasets/imported/records?limit=1"))["items"][0]["values"]
    assert found == {"number": "B-1", "total": 12.5}
    await page.close()


async def test_viewers_change_nothing(owner: Session, viewer: Session):
    page = await dataset(owner, "for-looking")
    await page.close()
    page = await viewer.page("/datasets/for-looking")
    await expect(page.locator("[role=grid]")).to_have_attribute("aria-readonly", "true")
    await expect(page.get_by_test_id("add-row")).to_have_count(0)
    await page.close()
