"""Language models of the workspace: whom to ask in which order, with keys nobody sees again, prices and caps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from hub.errors import InvalidError
from hub.members import Member, Verb
from hub.providers import LOCAL, OPERATOR, NewProvider, PinnedModel, Preset, ProviderChange, ProviderSummary
from hub.text import say
from ui.ask import answer_buttons, confirm, dialog
from ui.pieces import button, card, div, empty, pill, round_button, state, symbol, words
from ui.visit import Visit

HERE = "/settings?tab=models"
FIXED = frozenset({LOCAL, OPERATOR})
Redraw = Callable[[], Awaitable[None]]


async def language_models(visit: Visit) -> None:
    """Draw the providers in the order in which they are asked."""
    box = div("pd-stack-wide")

    async def draw() -> None:
        found = await visit.services.providers.list(await visit.member())
        box.clear()
        with box:
            _head(visit, draw)
            with card(pad=False):
                if not found:
                    empty("psychology", say("models.none"), say("models.none_text"))
                for one in found:
                    _row(visit, one, found, draw)

    await draw()


def _head(visit: Visit, draw: Redraw) -> None:
    with div("pd-spread"):
        words(say("models.text"), "pd-soft pd-grow")
        allowed = "" if visit.may(Verb.EDIT_CONNECTIONS) else say("connections.right")
        button(
            say("models.add"), "add-provider", lambda: _choose(visit, draw), kind="primary", icon="add", allowed=allowed
        )


def _row(visit: Visit, one: ProviderSummary, everyone: Sequence[ProviderSummary], draw: Redraw) -> None:
    with div("pd-row pd-cols-models").mark(f"provider {one.name}"):
        symbol("psychology", "plum" if one.enabled else "")
        with div("pd-grow"):
            with div("pd-line"):
                words(one.name, "pd-strong", "span")
                if not one.enabled:
                    pill(say("models.off"))
                if one.id in FIXED:
                    pill(say("models.by_operator"))
            words(", ".join(model.name for model in one.models), "pd-muted pd-small pd-clip")
            words(one.base_url, "pd-muted pd-small pd-clip")
            if one.message:
                words(one.message, "pd-small pd-bad" if one.state != "ok" else "pd-small pd-soft")
        _spent(one)
        state(one.state, say(f"connections.state_{one.state}"))
        _offers(visit, one, everyone, draw)


def _spent(one: ProviderSummary) -> None:
    """Show what this month took, and how much of the cap that is."""
    with div("pd-wide"):
        cap = f" / {one.cap_usd:,.2f}" if one.cap_usd is not None else ""
        words(say("models.spent", spent=f"{one.spent_usd:,.2f}{cap}"), "pd-small pd-number")
        if one.cap_usd:
            share = min(1.0, one.spent_usd / one.cap_usd)
            with div("pd-meter").props("role=meter aria-valuemin=0 aria-valuemax=100") as meter:
                div(f"pd-tone-{'bad' if share >= 1 else 'wait' if share > 0.8 else 'ok'}").style(f"width: {share:.0%}")
            meter.props["aria-valuenow"] = round(share * 100)
            meter.props["aria-label"] = say("models.cap")


def _offers(visit: Visit, one: ProviderSummary, everyone: Sequence[ProviderSummary], draw: Redraw) -> None:
    providers = visit.services.providers

    def does(act: Callable[[Member], Awaitable[Any]], done: str = "") -> Callable[..., Awaitable[None]]:
        async def clicked() -> None:
            async def do(member: Member) -> None:
                await act(member)

            if await visit.try_to(do, done=done):
                await draw()

        return clicked

    with div("pd-line pd-tight pd-stay"):
        if visit.may(Verb.USE_CONNECTIONS):
            button(
                say("models.test"),
                f"test {one.name}",
                does(lambda member: providers.test(member, one.id)),
                kind="quiet",
            )
        if one.id in FIXED or not visit.may(Verb.EDIT_CONNECTIONS):
            return
        own = [other.id for other in everyone if other.id not in FIXED]
        if own.index(one.id) > 0:
            up = ProviderChange(position=own.index(one.id))
            round_button("arrow_upward", say("models.earlier", name=one.name), f"earlier {one.name}",
                         does(lambda member: providers.change(member, one.id, up)))  # fmt: skip
        round_button("edit", say("models.edit", name=one.name), f"edit {one.name}", lambda: _edit(visit, one, draw))
        round_button("delete", say("models.remove", name=one.name), f"remove {one.name}", lambda: confirm(
            visit, say("models.forget"), say("models.forget_text", name=one.name),
            does_act(providers.remove, one.id, draw)))  # fmt: skip


def does_act(
    act: Callable[[Member, str], Awaitable[Any]], provider: str, draw: Redraw
) -> Callable[[Member], Awaitable[None]]:
    """Make an act on a provider that draws the list anew."""

    async def do(member: Member) -> None:
        await act(member, provider)
        await draw()

    return do


def _choose(visit: Visit, draw: Redraw) -> None:
    """Ask which service, then for what it needs."""
    presets = visit.services.providers.presets(visit.opened_by)
    with dialog(say("models.which")) as opened, div("pd-palette"):
        for preset in presets:

            def chosen(preset: Preset = preset) -> None:
                opened.close()
                _add(visit, preset, draw)

            with div("pd-row pd-row-button", "button").on("click", lambda _, chosen=chosen: chosen()) as made:
                made.props("type=button").mark(f"preset-{preset.name}").props["data-testid"] = f"preset-{preset.name}"
                symbol("psychology", "plum", small=True)
                with div("pd-grow"):
                    words(preset.title, "pd-strong")
                    words(preset.base_url, "pd-muted pd-small pd-clip")


class _Fields:
    """What is asked of a provider, and read from the dialog."""

    def __init__(self, preset: str, one: ProviderSummary | None, *, needs_key: bool, address: str) -> None:
        known = one.models if one else ()
        self._known = {model.name: model for model in known}
        self.preset = preset
        self.name = _input(say("models.name"), "provider-name", one.name if one else "")
        self.address = _input(say("models.address"), "provider-address", one.base_url if one else address)
        self.key = _input(
            say("models.key" if needs_key else "models.key_optional"), "provider-key", "", secret=True,
            hint=say("form.secret_set") if one and one.key_set else "",
        )  # fmt: skip
        self.models = ui.textarea(say("models.models"), value="\n".join(self._known)).props("outlined autogrow")
        self.models.props("data-testid=provider-models").mark("provider-models").style("width: 100%")
        first = known[0] if known else PinnedModel(name="-")
        with div("pd-line"):
            self.input_price = _number(say("models.input_price"), "input-price", first.input_price or None)
            self.output_price = _number(say("models.output_price"), "output-price", first.output_price or None)
            self.cap = _number(say("models.cap_usd"), "cap", one.cap_usd if one else None)

    def pinned(self) -> tuple[PinnedModel, ...]:
        """Return the models with their prices; those that were there keep what else was said of them."""
        names = [line.strip() for line in self.models.value.splitlines() if line.strip()]
        if not names:
            raise InvalidError(say("models.no_model"))
        into, out = float(self.input_price.value or 0), float(self.output_price.value or 0)
        return tuple(
            PinnedModel(
                name=name, input_price=into, output_price=out,
                json_schema=known.json_schema if known else None, vision=known.vision if known else None,
            )
            for name in names
            for known in (self._known.get(name),)
        )  # fmt: skip


def _add(visit: Visit, preset: Preset, draw: Redraw) -> None:
    with dialog(say("models.add_one", service=preset.title), preset.hint) as opened:
        fields = _Fields(preset.name, None, needs_key=preset.needs_key, address=preset.base_url)
        fields.name.value = preset.title
        if preset.key_url:
            ui.link(say("models.get_key"), preset.key_url, new_tab=True).classes("pd-small").mark("get-key")

        async def add(member: Member) -> None:
            given = NewProvider(
                name=fields.name.value or preset.title, preset=preset.name, models=fields.pinned(),
                base_url=fields.address.value or "", key=fields.key.value or None,
                cap_usd=float(fields.cap.value) if fields.cap.value else None,
            )  # fmt: skip
            await visit.services.providers.add(member, given)
            opened.close()
            await draw()

        answer_buttons(opened, say("models.add"), visit.does(add))


def _edit(visit: Visit, one: ProviderSummary, draw: Redraw) -> None:
    with dialog(one.name) as opened:
        fields = _Fields(one.preset, one, needs_key=True, address=one.base_url)
        enabled = ui.switch(say("models.enabled"), value=one.enabled).mark("enabled")

        async def keep(member: Member) -> None:
            cap = float(fields.cap.value) if fields.cap.value else None
            change = ProviderChange(name=fields.name.value, models=fields.pinned(), base_url=fields.address.value,
                                    enabled=enabled.value, cap_usd=cap)  # fmt: skip
            if fields.key.value:
                change = ProviderChange(name=change.name, models=change.models, base_url=change.base_url,
                                        enabled=change.enabled, cap_usd=cap, key=fields.key.value)  # fmt: skip
            await visit.services.providers.change(member, one.id, change, revision=one.revision)
            opened.close()
            await draw()

        answer_buttons(opened, say("connection.save"), visit.does(keep))


def _input(label: str, mark: str, value: str, *, secret: bool = False, hint: str = "") -> ui.input:
    made = ui.input(label, value=value, password=secret).props("outlined autocomplete=off").mark(mark)
    made.props["data-testid"] = mark
    if hint:
        made.props["hint"] = hint
    return made.style("width: 100%")


def _number(label: str, mark: str, value: float | None) -> ui.number:
    made = ui.number(label, value=value, min=0).props("outlined dense").mark(mark)
    made.props["data-testid"] = mark
    return made.style("flex: 1 1 130px")
