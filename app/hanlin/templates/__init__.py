"""Chat templates: how a conversation becomes the text a model was trained on.

A template is a program inside a model file, so it is compiled and rendered in a
child process of its own (``child``, ``environment``); the parent (``client``)
decides what it is given and what of its answer is believed (``prompting``).
"""
