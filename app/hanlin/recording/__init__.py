"""Recording from the microphone, in a child of its own that talks to the system's sound."""
