"""The pages before somebody is signed in: set up, sign in, join, a new password."""
