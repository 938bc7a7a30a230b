"""The audit log: who did what, each entry chained to the one before."""

from __future__ import annotations

from hub.audit.service import AuditEntry
from hub.members import Member
from hub.text import count, say
from ui.frame import page
from ui.pieces import button, card, div, empty, exact, head_row, heading, link_button, row, words
from ui.services import Services
from ui.values import brief
from ui.visit import Visit, complain, tell

PAGE = 60


def create(services: Services) -> None:
    """Serve the page at /audit."""

    @page("/audit", services, "audit", say("nav.audit"))
    async def audit_page(visit: Visit) -> None:
        before = visit.asked("before")
        number = int(before) if before.isdecimal() and len(before) < 12 else None
        entries = await services.audit.entries(visit.opened_by, before=number, limit=PAGE)

        async def verify(member: Member) -> None:
            found = await services.audit.verify(member)
            if found.broken_at is None:
                tell(count("audit.whole", found.entries))
            else:
                complain(say("audit.broken", number=found.broken_at))

        with heading(say("nav.audit"), say("audit.sub")):
            button(say("audit.verify"), "verify", visit.does(verify), icon="verified")
        with card(pad=False):
            if not entries:
                empty("history", say("audit.none"), say("audit.none_text"))
                return
            head_row("audit", ["#", *(say(f"audit.{name}") for name in ("what", "subject", "detail", "when"))])
            for entry in entries:
                _row(entry)
            if len(entries) == PAGE:
                with div("pd-pad"):
                    link_button(say("frame.older"), f"/audit?before={entries[-1].number}", "older", kind="quiet")


def _row(entry: AuditEntry) -> None:
    with row("audit", "", "", ""):
        words(str(entry.number), "pd-muted pd-number pd-wide")
        with div("pd-grow"):
            words(entry.verb, "pd-strong")
            words(entry.actor, "pd-muted pd-small pd-clip")
        words(entry.subject, "pd-mono pd-clip pd-wide")
        words(brief(entry.detail, 160) if entry.detail else "", "pd-mono pd-muted pd-wide")
        words(exact(entry.at)[:19], "pd-muted pd-small pd-stay")
