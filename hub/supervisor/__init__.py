"""What `patchdeck up` consists of: child processes that start in order, are restarted, and end with their parent.

Nothing here imports a web, database or workflow framework, so the parent stays small and starts at once.
"""
