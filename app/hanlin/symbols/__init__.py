"""What a source file defines: asked of a child, because grammars are native code."""
