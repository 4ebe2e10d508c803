"""A folder of code beside the conversation: what is in it, and what a model changes in it."""
