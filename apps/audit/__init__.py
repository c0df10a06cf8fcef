"""Who did or saw what: append-only events and the row history of the tables that change."""
