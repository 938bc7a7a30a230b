"""What was used, as append-only rows written in the work's own transaction."""

from hub.usage.service import MonthlyUsage, Usage, Used

__all__ = ["MonthlyUsage", "Usage", "Used"]
