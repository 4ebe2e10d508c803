"""The formats whose texts can be translated in place, each by a module of its own."""
