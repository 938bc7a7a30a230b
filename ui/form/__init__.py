"""Forms made of settings structs; this package alone knows which field is which widget."""

from ui.form.around import Around
from ui.form.form import WIDGETS, Form

__all__ = ["WIDGETS", "Around", "Form"]
