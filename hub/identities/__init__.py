"""Chat accounts of members: linked by one-time code, with their buttons, conversations and notices."""

from hub.identities.buttons import Buttons, Kept
from hub.identities.carriers import Carriers, CarrierSummary, Faring, Setup, Way
from hub.identities.codes import Code
from hub.identities.notices import ASKED, ASSIGNED, DECIDED, ENDED, FAILED, ChatNotice, ChatNotices, Posted
from hub.identities.service import Account, Identities, Identity, IdentitySummary
from hub.identities.updates import Received, Update, Updates
from hub.identities.wizards import Wizards

__all__ = [
    "ASKED",
    "ASSIGNED",
    "DECIDED",
    "ENDED",
    "FAILED",
    "Account",
    "Buttons",
    "CarrierSummary",
    "Carriers",
    "ChatNotice",
    "ChatNotices",
    "Code",
    "Faring",
    "Identities",
    "Identity",
    "IdentitySummary",
    "Kept",
    "Posted",
    "Received",
    "Setup",
    "Update",
    "Updates",
    "Way",
    "Wizards",
]
