"""What Slack's error codes mean: one of the three errors, and a sentence that says who must do what."""

from __future__ import annotations

from connectors.sdk import ConnectorError, CredentialsError, SettingsError, TemporaryError

_AGAIN = (
    "Copy the Bot User OAuth Token again (api.slack.com/apps, your app, OAuth & Permissions) and put it into the "
    "connection, or connect again."
)
# Another token of the same grant may still be good
STALE = frozenset({"invalid_auth", "token_expired", "token_revoked"})
_CREDENTIALS = {
    "not_authed": f"The connection holds no token. {_AGAIN}",
    "invalid_auth": f"Slack does not accept the token. {_AGAIN}",
    "token_expired": f"The token has run out. {_AGAIN}",
    "token_revoked": f"Somebody at Slack has revoked the token. {_AGAIN}",
    "account_inactive": "The app was removed from the Slack workspace. Install it again and connect again.",
    "not_allowed_token_type": "Slack wants a bot token (xoxb-) here. Put that one into the connection.",
    "org_login_required": "The Slack workspace is being moved into an organisation. Connect again once that is done.",
    "team_access_not_granted": "An admin of the Slack organisation must give the app access to this workspace.",
    "ekm_access_denied": "An admin of the Slack organisation has suspended access to this channel.",
    "access_denied": "An admin of the Slack workspace does not let the app do this.",
}
_SETTINGS = {
    "not_in_channel": "The app is not in this channel. Somebody who is must write /invite @ and the app's name there.",
    "channel_not_found": "Slack knows no such channel, or it is private and the app is not in it. Choose it from the "
    "list, or invite the app there with /invite.",
    "is_archived": "The channel is archived. Choose another, or have it unarchived.",
    "restricted_action": "The Slack workspace's settings keep the app from posting here. Ask one of its admins.",
    "restricted_action_read_only_channel": "Only some may post in this channel. Ask an admin of the Slack workspace.",
    "msg_too_long": "The message is too long for Slack. Shorten it, or upload it as a file.",
    "no_text": "There is nothing to say: the text is empty.",
    "message_not_found": "The message is not there any more.",
    "thread_not_found": "The message to reply to is not there any more.",
    "cant_update_message": "Slack lets an app change its own messages only, and this is somebody else's.",
    "cant_delete_message": "Slack lets an app delete its own messages only, and this is somebody else's.",
    "edit_window_closed": "The Slack workspace's settings no longer allow this message to be changed.",
    "invalid_name": "There is no emoji of this name in the Slack workspace. Write it without colons, such as eyes.",
    "too_many_reactions": "The message has as many different reactions as Slack allows.",
    "too_many_emoji": "The message has as many different reactions as Slack allows.",
    "user_not_found": "Slack knows no such person.",
    "users_not_found": "Nobody in the Slack workspace has this address.",
    "file_not_found": "The file is not at Slack any more.",
    "file_deleted": "The file is not at Slack any more.",
    "file_uploads_disabled": "The Slack workspace does not take files. Ask one of its admins.",
    "storage_limit_reached": "The Slack workspace has no room for files left. Ask one of its admins.",
    "invalid_cursor": "Slack has lost the place in a long list.",
    "method_not_supported_for_channel_type": "Slack cannot do this in a conversation of this kind.",
}
_BUSY = frozenset({"ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org"})
# Slack says of these that some of the operation may have succeeded
_UNCERTAIN = frozenset({"internal_error", "fatal_error"})


class PlaceLostError(SettingsError):
    """A page of a list cannot be asked for any more."""


def refusal(code: str, needed: str = "", said: str = "") -> ConnectorError:
    """Return the error of a code; `needed` are the scopes it asks for, `said` what Slack adds to it."""
    if code == "missing_scope":
        return CredentialsError(
            f"The Slack app may not do this: it lacks the scope {needed or 'for it'}. Whoever owns the app adds it "
            "under OAuth & Permissions and installs the app again; then connect again."
        )
    if code in _CREDENTIALS:
        return CredentialsError(_CREDENTIALS[code])
    if code in _BUSY or code in _UNCERTAIN:
        return TemporaryError(f"Slack cannot answer now ({code}).", uncertain=code in _UNCERTAIN)
    if code == "invalid_cursor":
        return PlaceLostError(_SETTINGS[code])
    if code.startswith("invalid_blocks"):
        return SettingsError(
            f"Slack does not take these blocks{f': {said}' if said else ''}. Look at the JSON of them."
        )
    return SettingsError(_SETTINGS.get(code, f"Slack refuses this: {code}{f', {said}' if said else ''}."))
