"""The engine: language models answer in a worker process, the rest of the program hears events.

``base`` is the contract; ``client`` and what it stands on run in the program;
``worker`` runs in the worker process and is imported by nobody.
"""
