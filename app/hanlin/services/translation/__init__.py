"""Translation: prompts, sentences, terms, memory, and the work that joins them."""
