"""The translator's page: two panes aligned sentence by sentence, and what belongs to them."""
