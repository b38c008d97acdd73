"""Names in editorial timelines: one small reader for each format. None of them decides what a name means."""
