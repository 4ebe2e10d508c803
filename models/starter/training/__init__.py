"""The part of the starter's making that needs PyTorch, tokenizers and gguf.

Nothing outside this folder imports those three; nothing here is installed with the program.
"""
