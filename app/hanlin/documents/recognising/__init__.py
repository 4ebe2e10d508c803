"""Reading the letters of pictures, in a child of its own that loads the OCR pack."""
