"""What Google's refusals mean: one status has many reasons, and each asks something else of somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import msgspec

from connectors.google._connection import Service
from connectors.sdk import CredentialsError, SettingsError, TemporaryError
from connectors.sdk.network.answers import raise_for_status, refusal, seconds_until
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of

UNAUTHORIZED, FORBIDDEN = 401, 403
_LONGEST = 300
_TOO_MUCH = frozenset(
    {"rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded",
     "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
)  # fmt: skip
_NOT_AGREED = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_TURNED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})
_NOT_SHARED = frozenset(
    {"insufficientFilePermissions", "appNotAuthorizedToFile", "cannotAddParent", "insufficientParentPermissions",
     "teamDriveMembershipRequired", "accessDenied", "PERMISSION_DENIED"}
)  # fmt: skip
_UNREADABLE = frozenset(
    {"exportSizeLimitExceeded", "cannotDownloadFile", "cannotDownloadAbusiveFile", "cannotExportFile",
     "fileNotDownloadable", "fileNotExportable"}
)  # fmt: skip
_FULL = frozenset({"storageQuotaExceeded", "teamDriveFileLimitExceeded", "numChildrenInNonRootLimitExceeded"})


class _Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    status: str = ""
    errors: Sequence[_Reason] = ()
    details: Sequence[_Reason] = ()


class _Answer(msgspec.Struct, frozen=True):
    error: _Error = msgspec.field(default_factory=_Error)


def refuse(service: Service, verb: str, answer: Response, options: Options) -> NoReturn:
    """Raise the error that an answer stands for; a write that failed at Google's end may have been done."""
    if answer.status == UNAUTHORIZED:
        raise CredentialsError(f"{service.title} no longer accepts what this connection signs in with. Connect again.")
    if answer.status == FORBIDDEN:
        words = refusal(answer.content, _Answer).error.message.strip().rstrip(".")[:_LONGEST]
        _raise_for_reason(service, answer, reasons_of(answer), words)
    try:
        raise_for_status(host_of(answer.url), answer.status, answer.headers, answer.content, options)
    except TemporaryError as error:
        if verb != "GET" and answer.status >= 500:
            raise TemporaryError(error.message, retry_after=error.retry_after, uncertain=True) from error
        raise
    raise SettingsError(f"{service.title} answered with status {answer.status}.")


def reasons_of(answer: Response) -> frozenset[str]:
    """Return the words by which Google tells refusals of one status apart."""
    said = refusal(answer.content, _Answer).error
    return frozenset({one.reason for one in (*said.errors, *said.details)} | {said.status})


def _raise_for_reason(service: Service, answer: Response, reasons: frozenset[str], words: str) -> None:
    if reasons & _TOO_MUCH:
        wait = seconds_until(answer.headers.get("Retry-After"))
        raise TemporaryError(f"{service.title} is asked too often: {words}.", retry_after=wait)
    if reasons & _NOT_AGREED:
        raise CredentialsError(
            f"This connection may not use {service.title} in this way: {words}. Check what it may do and what it is"
            " also used for, and connect again."
        )
    if reasons & _TURNED_OFF:
        raise SettingsError(f"Turn on the API of {service.title} in your Google Cloud project: {words}.")
    if reasons & _FULL:
        raise SettingsError(f"{service.title} has no room left: {words}.")
    if reasons & _UNREADABLE:
        raise SettingsError(f"{service.title} does not hand this file out: {words}.")
    if reasons & _NOT_SHARED:
        raise SettingsError(f"{service.title} does not let this account do that: {words}. Share it with the account.")
