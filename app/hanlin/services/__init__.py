"""What the window and the command line call: chat, model session, questions, findings."""
