"""The guarded ways out: HTTP, sockets and proxies that reach only what they may, and what answers mean."""
