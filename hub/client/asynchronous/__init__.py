"""The asynchronous client; the blocking one is made of it by `python -m scripts.blocking_client`."""
