"""Three simulated services for the demo: a CRM, a ticket desk and a survey, plainly labelled as such."""

from hub.demo.simulated.services import create

__all__ = ["create"]
