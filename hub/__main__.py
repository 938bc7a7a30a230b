"""The command `patchdeck`, also `python -m hub`."""

from hub.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main(prog_name="patchdeck")
