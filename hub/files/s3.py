"""Objects in a bucket of Amazon S3 or anything that speaks it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from hub.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from hub.files.accounts import S3Account

AGAIN = 15.0
PATIENCE = timedelta(seconds=15)


class S3Objects:
    """Keeps each object under its key below a prefix of the bucket."""

    def __init__(self, bucket: str, prefix: str, account: S3Account) -> None:
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            endpoint=account.endpoint,
            region=account.region,
            access_key_id=account.access_key,
            secret_access_key=account.secret_key,
            client_options={"allow_http": True, "connect_timeout": "5 seconds", "timeout": "120 seconds"},
            retry_config={"max_retries": 4, "retry_timeout": PATIENCE},
        )

    async def put(self, key: str, content: bytes) -> None:
        """Keep the content, whole or not at all."""
        try:
            await obstore.put_async(self._store, key, content)
        except (BaseError, OSError) as error:
            raise _unavailable("nothing was stored") from error

    async def get(self, key: str) -> bytes:
        """The content kept under the key."""
        try:
            answer = await obstore.get_async(self._store, key)
            return bytes(await answer.bytes_async())
        except FileNotFoundError as error:
            raise NotFoundError("The content of this file is not in the file store any more.") from error
        except (BaseError, OSError) as error:
            raise _unavailable("nothing was read") from error

    async def delete(self, key: str) -> None:
        """Forget the key; one that is not there is fine."""
        try:
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise _unavailable("nothing was deleted") from error


def _unavailable(outcome: str) -> UnavailableError:
    return UnavailableError(f"The S3 file store does not answer or refuses; {outcome}.", retry_after=AGAIN)
