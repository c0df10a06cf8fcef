"""How dates and instants look where Django formats them by itself: unambiguous, with a zone."""
