"""What can go wrong while a part is started."""


class StartError(Exception):
    """A part could not be started; the message says what to do next."""
