"""Python snippets of the person's: the sandboxed child that runs one, and its client.

Whether one may run, and what becomes of what it printed, belongs to the services.
"""
