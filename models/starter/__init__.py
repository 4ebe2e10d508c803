"""How the starter model 书童 (Shutong) is made: data, tokenizer, training, export, figures.

Run as ``cd models && python -m starter``; never installed with the program. The text it learns
from is made by the generators here and by nothing else. PyTorch is needed in `training/` only.
"""
