"""Looking ahead while a step is filled in: which fields there are, and what its values give for samples."""

from hub.runs.previews.service import Previews
from hub.runs.previews.views import FieldPreview, KnownField, KnownFields, Preview, SampleName, Source, Trial

__all__ = ["FieldPreview", "KnownField", "KnownFields", "Preview", "Previews", "SampleName", "Source", "Trial"]
