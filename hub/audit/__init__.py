"""Who did what, in a chain of hashes that shows when an entry was changed or taken out."""

from hub.audit.service import Audit, AuditEntry, Entry, Verification

__all__ = ["Audit", "AuditEntry", "Entry", "Verification"]
