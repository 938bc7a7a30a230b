"""Learnt layouts hold words of documents, so that they are sealed under the workspace's newest key."""

from __future__ import annotations

from pathlib import Path

from hub.database import fetch_one, transaction
from hub.extraction.assembly import ExtractionServices
from hub.extraction.learning.amend import Change
from hub.files import Upload
from hub.sealing import MasterKeys, Vault
from hub.sealing.rotation import SEALED_COLUMNS, _seal_anew
from hub.sealing.vault import key_number
from tests.conftest import Members
from tests.extraction.odd_layouts import draw_odd


async def test_learnt_layouts_are_sealed_anew_when_keys_are_rotated(
    services: ExtractionServices, members: Members, tmp_path: Path
):
    vault = Vault(MasterKeys.from_file(tmp_path / "master.key"))
    content, truth = draw_odd("unlabelled", 1)
    upload = Upload(name="a.pdf", media_type="application/pdf", content=content)
    first = await services.extractions.extract_upload(members.editor, upload, "invoice")
    await services.corrections.correct(members.editor, first.id, [Change(path="number", value=truth["number"])])
    async with transaction():
        await vault.renew(members.workspace)
    (column,) = [one for one in SEALED_COLUMNS if one.table == "learnt_layouts"]
    assert await _seal_anew(vault, members.workspace, column) == 1
    row = await fetch_one("select content from learnt_layouts where workspace = $1", members.workspace)
    assert row is not None
    assert key_number(row["content"]) == 2
    assert len((await services.layouts.list(members.viewer)).items) == 1
