"""What pages say of access that services grant."""

from __future__ import annotations

MESSAGES = {
    "access.again": "Connect again",
    "access.asked": "What it asks for",
    "access.client": "The hub fetches tokens by itself, with the client id and secret. Nobody has to sign in.",
    "access.connect": "Connect",
    "access.connected": "Connected. Now it is being tested.",
    "access.expires": "The token in use ends",
    "access.failed": "Not connected",
    "access.give_up": "Disconnect",
    "access.give_up_text": "The hub forgets what {name} was granted. Recipes that use it stop until somebody "
    "connects again. To take the permission back for good, remove the hub at the service too.",
    "access.granted": "Connected",
    "access.missing": "The service did not grant: {scopes}. What needs it will be refused.",
    "access.none": "Not connected yet",
    "access.none_text": "You are sent to the service, sign in there and agree; then you are back here.",
    "access.redirect": "Redirect address",
    "access.redirect_hint": "Enter it at the service, exactly as it stands, where you made the client id.",
    "access.renewed": "It is renewed by itself before.",
    "access.title": "Access",
    "access.to_connection": "To the connection",
    "access.to_connections": "To the connections",
    "access.try_again": "Go to the connection and press Connect to try again. Nothing was changed.",
    "access.working": "Coming back from the service…",
}
