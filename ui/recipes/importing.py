"""Bringing recipes along: an export dropped, what would be made of it, the honest list, then the drafts."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import events, ui

from hub.errors import HubError
from hub.foreign.service import Imported, ImportedRecipe
from hub.foreign.shapes import TITLES, Finding, Loss
from hub.foreign.translate import MAX_BYTES
from hub.members import Member, Verb
from hub.recipes import from_plain
from hub.text import count, say
from ui.frame import crumbs, page
from ui.pieces import button, card, div, heading, note, pill, words
from ui.recipes.steps import flow
from ui.services import Services
from ui.visit import Visit, complain, sentence_of, tell

_TONES = {
    Loss.NOT_TRANSLATED: "bad", Loss.EXPRESSION: "bad", Loss.PARTLY: "wait", Loss.SECRET: "wait",
    Loss.CONNECTION: "run", Loss.LEFT_OUT: "mute",
}  # fmt: skip
_ORDER = list(_TONES)
# The same file may be chosen again.
_TAKEN = """(event) => {
  event.preventDefault();
  const files = [...(event.dataTransfer ?? event.target).files].slice(0, 1);
  if (!event.dataTransfer) event.target.value = "";
  for (const [method, given] of [["reset", []], ["addFiles", [files]]]) runMethod(CARRIER, method, given);
}"""


def create(services: Services) -> None:
    """Serve the page at /recipes/import."""

    @page("/recipes/import", services, "recipes", say("import.title"))
    async def import_page(visit: Visit) -> None:
        visit.opened_by.authorize(Verb.EDIT_RECIPES)
        crumbs(
            (say("nav.recipes"), "/recipes"), (say("recipes.new"), "/recipes/new"), (say("import.title"), visit.path)
        )
        with heading(say("import.title"), say("import.sub")):
            pass
        _Import(visit).draw()


class _Import:
    """The page while it is looked at: the file, what it would become, and which of it is wanted."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._content = b""
        self._wanted: dict[int, bool] = {}

    def draw(self) -> None:
        """Draw where the file is dropped; what it holds comes below."""
        with card():
            self._field()
            words(say("import.where"), "pd-soft pd-small")
            words(say("import.safe"), "pd-soft pd-small")
        self._told = div("pd-stack").style("margin-top: 22px").props("role=status")

    def _field(self) -> None:
        """Draw where the file is dropped or chosen; what carries it to the hub is not seen."""
        carrier = ui.upload(on_upload=self._take, auto_upload=True, max_file_size=MAX_BYTES).style("display: none")
        carrier.on_rejected(lambda: complain(say("import.too_large")))
        with div("pd-drop-area") as area:
            ui.icon("move_to_inbox").props("aria-hidden=true")
            chosen = ui.element("input").props("type=file accept='.json,.zip'").classes("pd-sr")
            chosen.props["data-testid"] = "import-file"
            chosen.on("change", js_handler=_TAKEN.replace("CARRIER", str(carrier.id)))
            words(say("import.choose_file"), "pd-drop-choose", "label").props["for"] = chosen.html_id
            words(say("import.drop"), "pd-muted pd-small")
        area.on("dragover", js_handler="(event) => event.preventDefault()")
        area.on("drop", js_handler=_TAKEN.replace("CARRIER", str(carrier.id)))

    async def _take(self, event: events.UploadEventArguments) -> None:
        self._content = await event.file.read()
        self._told.clear()
        try:
            found = await self._visit.services.imports.bring(await self._visit.member(), self._content, dry=True)
        except HubError as error:
            with self._told, note("bad", "error", sentence_of(error)):
                pass
            return
        self._wanted = dict.fromkeys(range(len(found.recipes)), True)
        with self._told:
            self._show(found, event.file.name)

    def _show(self, found: Imported, name: str) -> None:
        many = len(found.recipes) > 1
        title = count("import.found", len(found.recipes), origin=TITLES[found.origin])
        with note("run", "file_open", title, say("import.nothing_stored", name=name)):
            label = say("import.make_many" if many else "import.make")
            button(label, "make-drafts", self._visit.does(self._make), kind="primary", icon="edit_note")
        for place, recipe in enumerate(found.recipes):
            self._recipe(place, recipe, many=many)

    def _recipe(self, place: int, recipe: ImportedRecipe, *, many: bool) -> None:
        with card(recipe.title) as body:
            body.mark(f"imported-{recipe.name}")
            with div("pd-line"):
                tally = recipe.tally
                pill(say("import.whole", number=tally.whole, parts=tally.parts))
                if tally.partly:
                    pill(count("import.partly", tally.partly))
                if tally.lost:
                    pill(count("import.lost", tally.lost), alert=True)
                if recipe.problems:
                    pill(count("import.problems", len(recipe.problems)), alert=True)
            if many:
                chosen = ui.checkbox(say("import.choose"), value=True).mark(f"choose-{place}")
                chosen.on_value_change(lambda event: self._wanted.__setitem__(place, bool(event.value)))
            with div("pd-two-even"):
                with div("pd-stack"):
                    words(say("import.list"), tag="h3")
                    _findings(recipe.findings)
                with div("pd-stack"):
                    words(say("import.drawing"), tag="h3")
                    with (
                        div()
                        .style("overflow-x: auto; padding: 4px")
                        .props(f'tabindex=0 role=region aria-label="{say("import.drawing")}"')
                    ):
                        flow(from_plain(recipe.document))

    async def _make(self, member: Member) -> None:
        only = [place for place, wanted in self._wanted.items() if wanted]
        made = await self._visit.services.imports.bring(member, self._content, only=only)
        tell(count("import.made", len(made.recipes)))
        view = made.recipes[0].recipe
        single = len(made.recipes) == 1 and view is not None
        ui.navigate.to(f"/recipes/{view.id}?tab=editor" if single and view is not None else "/recipes")


def _findings(findings: Sequence[Finding]) -> None:
    """List what is to be known, the worst first."""
    if not findings:
        words(say("import.all_well"), "pd-muted")
    for one in sorted(findings, key=lambda finding: _ORDER.index(finding.kind)):
        with div("pd-stack").style("gap: 3px").mark(f"finding-{one.kind}"):
            with div("pd-line"):
                words(say(f"import.kind.{one.kind}"), f"pd-state pd-tone-{_TONES[one.kind]}", "span")
                words(one.place, "pd-strong", "span").style("overflow-wrap: anywhere")
                words(one.path, "pd-mono pd-small pd-muted", "span")
            words(f"{one.did} {one.why}", "pd-soft").style("overflow-wrap: anywhere")
            if one.instead:
                words(say("import.instead", text=one.instead), "pd-soft")
