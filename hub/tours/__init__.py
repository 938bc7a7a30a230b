"""The first-run tour: a member's first recipe, made of a few choices, tried on a file, published and run."""

from hub.tours.service import Tours
from hub.tours.state import TourChange, TourOffer, TourState

__all__ = ["TourChange", "TourOffer", "TourState", "Tours"]
