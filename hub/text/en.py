"""The catalogue in English, by area."""

from __future__ import annotations

from collections.abc import Mapping

from hub.text import (
    en_access,
    en_canvas,
    en_carrying,
    en_chat,
    en_datasets,
    en_extraction,
    en_following,
    en_forms,
    en_frame,
    en_home,
    en_outside,
    en_people,
    en_quality,
    en_recipes,
    en_records,
    en_review,
    en_runs,
    en_schemas,
    en_trying,
    en_webhooks,
)

MESSAGES: Mapping[str, str] = {
    **en_frame.MESSAGES,
    **en_forms.MESSAGES,
    **en_people.MESSAGES,
    **en_chat.MESSAGES,
    **en_recipes.MESSAGES,
    **en_carrying.MESSAGES,
    **en_runs.MESSAGES,
    **en_following.MESSAGES,
    **en_records.MESSAGES,
    **en_access.MESSAGES,
    **en_outside.MESSAGES,
    **en_extraction.MESSAGES,
    **en_quality.MESSAGES,
    **en_review.MESSAGES,
    **en_schemas.MESSAGES,
    **en_canvas.MESSAGES,
    **en_trying.MESSAGES,
    **en_webhooks.MESSAGES,
    **en_datasets.MESSAGES,
    **en_home.MESSAGES,
}
