"""What pages say of signing in with an account at another service."""

from __future__ import annotations

MESSAGES = {
    "outside.connect": "Connect {service}",
    "outside.denied": "You did not agree at {service}, so nothing has changed. Try again when you want to.",
    "outside.disabled": "This account is switched off. Ask an admin of your workspace.",
    "outside.expired": "The way back from {service} is not known here, or took over 10 minutes. Begin again.",
    "outside.failed": "Not signed in",
    "outside.or": "or",
    "outside.other_address": "The invitation is for another address than the one that {service} has checked. "
    "Sign in there with that address, or join with a password.",
    "outside.remove": "Disconnect",
    "outside.remove_text": "You can no longer sign in with {service}. Connect it again at any time.",
    "outside.service": "the service",
    "outside.taken": "This account at {service} opens another account here already. Sign in with it, or use another.",
    "outside.text": "Sign in with an account that you have elsewhere, beside your password.",
    "outside.title": "Other ways to sign in",
    "outside.unavailable": "{service} could not be asked who you are. Try again in a moment; if it stays so, whoever "
    "runs this hub should look at its client id and secret.",
    "outside.unknown": "Nobody here has connected this account at {service}. Sign in with your password and connect it "
    "under Settings, Your account; if you are new, ask an admin for an invitation.",
    "outside.unproven": "What {service} says of you could not be verified, so you were not let in. Begin again.",
    "outside.with": "Continue with {service}",
}
