"""Setting up chat services."""

from collections.abc import Mapping

MESSAGES: Mapping[str, str] = {
    "chat.services": "Chat services",
    "carrier.not_set_up": "Not set up",
    "carrier.starting": "Not connected yet",
    "carrier.connected": "Connected",
    "carrier.refused": "Not connected",
    "carrier.as": "As @{bot} in {place}",
    "carrier.telegram_text": "Make a bot with @BotFather on Telegram and set PATCHDECK_TELEGRAM_TOKEN to its token.",
    "carrier.starting_text": "The token is set. If this stays, look whether the process with the bots runs.",
    "slack.connected_text": "People can find Patchdeck under Apps in Slack, and say /patchdeck help.",
    "slack.how": "How to set Slack up",
    "slack.how_text": "Five minutes at Slack, once, by somebody who may install apps there.",
    "slack.way": "How do Slack and this hub reach each other?",
    "slack.way_socket": "The hub calls Slack (Socket Mode); it needs no way in from outside",
    "slack.way_http": "Slack calls the hub; its address must be https and reachable from outside",
    "slack.not_https": "This hub's address is {url}, which Slack does not call. Set PATCHDECK_PUBLIC_URL to an https "
    "address, or let the hub call Slack.",
    "slack.step_create": "Open api.slack.com/apps. Click Create New App, then From a manifest, and choose your "
    "workspace.",
    "slack.step_manifest": "Choose YAML, replace what stands there by this manifest, click Next, then Create.",
    "slack.step_install": "Click Install App on the left, then Install to Workspace, then Allow. Copy the Bot User "
    "OAuth Token, which begins with xoxb-.",
    "slack.step_app_token": "Click Basic Information on the left. Under App-Level Tokens click Generate Token and "
    "Scopes, give it a name, add the scope connections:write and click Generate. Copy the token, which begins with "
    "xapp-.",
    "slack.step_secret": "Click Basic Information on the left. Under App Credentials, beside Signing Secret, click "
    "Show and copy it.",
    "slack.step_config": "Give the hub both, in its environment or its .env file, and start it again. With _FILE at "
    "the end of a name it is the path of a file that holds the secret.",
    "slack.step_link": "Back here it says Connected. Make a code above and send it to Patchdeck, which stands under "
    "Apps in Slack.",
    "slack.open": "Open api.slack.com/apps",
    "slack.manifest": "The app's manifest",
    "slack.download": "Download the manifest",
    "slack.no_secrets": "Nothing secret is entered or shown on this page.",
}
