"""Services Patchdeck can talk to, one module or folder each; `connectors.sdk` is what they are written in."""
