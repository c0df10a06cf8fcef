"""Template tags of the pages: presentation only."""
