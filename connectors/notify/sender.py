"""The process in which apprise runs: reads notices line by line, sends them over the proxy, says how each went."""

from __future__ import annotations

import logging
import re
import resource
import sys
from typing import Any

import msgspec

from connectors.notify.fence import Fence
from connectors.notify.letters import READY, TAKEN, Fate, Notice, Outcome

# What needs more than web requests: sockets of its own, this machine, another user's desktop
REFUSED = frozenset(
    {
        *("amqp", "amqps", "aprs", "blink1", "dbus", "file", "glib", "gnome", "growl", "irc", "ircs", "kde", "macosx"),
        *("mailto", "mailtos", "mqtt", "mqtts", "nostr", "qt", "rsyslog", "smpp", "smpps", "syslog", "windows", "xmpp"),
        "xmpps",
    }
)
MOST_MEMORY = 1 << 30
# The proxy takes ten seconds to say that a service cannot be reached
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 15.0
_STATUS = re.compile(r"error=(\d{3})\b")
_SCHEMA = re.compile(r"([a-z0-9]{1,40})://", re.IGNORECASE)
_UNSENT = ("Tunnel connection failed", "Unable to connect to proxy", "NewConnectionError", "ConnectTimeout")


def main() -> None:
    """Serve until the other side closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    fence = Fence(int(sys.argv[1]))
    sending = _Sending(fence)
    fence.stand()
    reader, writer = sys.stdin.buffer, sys.stdout.buffer
    writer.write(READY)
    writer.flush()
    for line in reader:
        writer.write(TAKEN)
        writer.flush()
        outcomes = sending.send(msgspec.json.decode(line, type=Notice))
        writer.write(msgspec.json.encode(outcomes) + b"\n")
        writer.flush()


class _Sending:
    """apprise with everything loaded that it may want later."""

    def __init__(self, fence: Fence) -> None:
        import apprise
        import apprise.attachment.memory
        from apprise.manager_plugins import NotificationManager

        self._apprise: Any = apprise
        patience: Any = apprise.URLBase
        patience.socket_connect_timeout, patience.socket_read_timeout = CONNECT_SECONDS, ANSWER_SECONDS
        self._fence = fence
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        manager: Any = NotificationManager
        manager().load_modules()
        self._asset = apprise.AppriseAsset(
            storage_mode="memory", async_mode=False, app_id="Patchdeck", app_desc="Patchdeck", secure_logging=True
        )

    def send(self, notice: Notice) -> list[Outcome]:
        """Send to one address after the other."""
        files = None
        if notice.files:
            files = self._apprise.AppriseAttachment(asset=self._asset)
            for file in notice.files:
                memory = self._apprise.attachment.memory.AttachMemory(
                    content=file.content, name=file.name, mimetype=file.media_type
                )
                files.add(memory)
        return [self._single(url, notice, files) for url in notice.urls]

    def _single(self, url: str, notice: Notice, files: Any) -> Outcome:
        schema = (_SCHEMA.match(url) or [""])[0].partition(":")[0].lower()
        if schema in REFUSED:
            return Outcome(service=schema, fate=Fate.SETTINGS, message=_NOT_HERE)
        self._fence.touched()
        try:
            found = self._apprise.Apprise.instantiate(url, asset=self._asset, suppress_exceptions=True)
        except OSError:
            found = None
        if found is None and self._fence.touched():
            return Outcome(service=schema, fate=Fate.SETTINGS, message=_NOT_HERE)
        if found is None:
            return Outcome(service=schema, fate=Fate.SETTINGS, message=_UNREADABLE)
        service = str(found.service_name)
        if notice.only_look:
            return Outcome(service=service, fate=Fate.SENT)
        return self._told(service, found, notice, files)

    def _told(self, service: str, found: Any, notice: Notice, files: Any) -> Outcome:
        apprise = self._apprise
        sender = apprise.Apprise(asset=self._asset)
        sender.add(found)
        with apprise.LogCapture(level=logging.DEBUG, fmt="%(message)s") as captured:
            sent = sender.notify(
                body=notice.body,
                title=notice.title,
                body_format=notice.format,
                notify_type=notice.kind,
                attach=files,
            )
            said = captured.getvalue()
        if sent:
            return Outcome(service=service, fate=Fate.SENT)
        if self._fence.touched():
            return Outcome(service=service, fate=Fate.SETTINGS, message=_NOT_HERE)
        return _failed(service, said)


_NOT_HERE = "This service needs more than web requests, which is not allowed here."
_UNREADABLE = "This is no address that apprise can read."


def _failed(service: str, said: str) -> Outcome:
    """Read what apprise logged; its words may hold secrets, so only what they mean goes on."""
    statuses = _STATUS.findall(said)
    if not statuses:
        unsent = any(word in said for word in _UNSENT)
        fate = Fate.TEMPORARY if unsent else Fate.UNCERTAIN
        reason = "It cannot be reached." if unsent else "The connection was lost or the answer was none."
        return Outcome(service=service, fate=fate, message=reason)
    status = int(statuses[-1])
    if status in {401, 403}:
        return Outcome(service=service, fate=Fate.CREDENTIALS, message=f"It does not accept the token ({status}).")
    if status in {408, 423, 425, 429} or status >= 500:
        fate = Fate.UNCERTAIN if status in {502, 504} else Fate.TEMPORARY
        return Outcome(service=service, fate=fate, message=f"It cannot take the notice now ({status}).")
    return Outcome(service=service, fate=Fate.SETTINGS, message=f"It refuses the notice ({status}).")


if __name__ == "__main__":
    main()
