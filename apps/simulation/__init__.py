"""A synthetic program on a virtual clock: demo data. Never installed facts about real people."""
