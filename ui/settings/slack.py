"""Chat services on the settings page: whether they are connected, and what to click at Slack, step by step."""

from __future__ import annotations

from nicegui import ui

from hub.identities import CarrierSummary, Way
from hub.text import say
from ui.pieces import card, copy_button, div, link_button, moment, note, row, state, words
from ui.visit import Visit

_APPS = "https://api.slack.com/apps"
_NAMES = {"slack": "Slack", "telegram": "Telegram"}
_TONES = {"connected": "done", "refused": "failed", "starting": "waiting", "not_set_up": "draft"}
_SECRETS: dict[Way, str] = {"socket": "PATCHDECK_SLACK_APP_TOKEN=xapp-…", "http": "PATCHDECK_SLACK_SIGNING_SECRET=…"}


async def services(visit: Visit) -> None:
    """Draw every chat service with its state."""
    with card(say("chat.services"), pad=False):
        for one in await visit.services.carriers.list(visit.opened_by):
            _service(one)


def how_to(visit: Visit) -> None:
    """Draw what to click at Slack, with the manifest of this hub's app."""
    carriers = visit.services.carriers
    with card(say("slack.how")):
        words(f"{say('slack.how_text')} {say('slack.no_secrets')}", "pd-soft")
        way = ui.radio(
            {"socket": say("slack.way_socket"), "http": say("slack.way_http")}, value=carriers.slack_way
        ).mark("slack-way")
        way.props["aria-label"] = say("slack.way")
        shown = div("pd-stack")

        def draw() -> None:
            shown.clear()
            with shown:
                _steps(visit, "http" if way.value == "http" else "socket")

        way.on_value_change(draw)
        draw()


def _service(one: CarrierSummary) -> None:
    name = _NAMES[one.name]
    with row("people", "", "", f"carrier {one.name}"):
        with div("pd-grow"):
            words(name, "pd-strong")
            words(_told(one), "pd-muted pd-small")
        if one.seen_at is not None:
            with div("pd-wide"):
                moment(one.seen_at)
        state(_TONES[one.state], say(f"carrier.{one.state}"))


def _told(one: CarrierSummary) -> str:
    if one.detail:
        return one.detail
    if one.state == "connected" and one.place:
        where = say("carrier.as", bot=one.bot, place=one.place)
        return f"{where}. {say('slack.connected_text')}"
    if one.state == "starting":
        return say("carrier.starting_text")
    if one.state == "not_set_up":
        return say("carrier.telegram_text") if one.name == "telegram" else say("slack.how_text")
    return ""


def _steps(visit: Visit, way: Way) -> None:
    manifest = visit.services.carriers.slack_manifest(visit.opened_by, way)
    url = visit.services.carriers.url
    if way == "http" and not url.startswith("https://"):
        with note("warn", "warning", say("slack.not_https", url=url)):
            pass
    with div("pd-numbered", "ol"):
        with div("", "li"):
            words(say("slack.step_create"))
            link_button(say("slack.open"), _APPS, "slack-apps", icon="open_in_new").props("target=_blank rel=noopener")
        with div("", "li"):
            words(say("slack.step_manifest"))
            with div("pd-line"):
                link_button(
                    say("slack.download"),
                    f"/api/v1/carriers/slack/manifest?way={way}",
                    "slack-download",
                    icon="download",
                )
                copy_button(manifest, "slack-copy")
            shown = words(manifest, "pd-pre", "pre").mark("slack-manifest")
            shown.props["aria-label"] = say("slack.manifest")
            shown.props["tabindex"] = "0"
        words(say("slack.step_install"), "", "li")
        words(say("slack.step_app_token" if way == "socket" else "slack.step_secret"), "", "li")
        with div("", "li"):
            words(say("slack.step_config"))
            lines = f"PATCHDECK_SLACK_BOT_TOKEN=xoxb-…\n{_SECRETS[way]}"
            words(lines, "pd-pre", "pre")
        words(say("slack.step_link"), "", "li")
