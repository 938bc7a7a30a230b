"""Microsoft 365: its services share one connection, and one way of asking Microsoft Graph."""
