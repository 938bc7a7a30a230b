"""The blocking client; made of the asynchronous one by `python -m scripts.blocking_client`."""
