"""The door of a film ingest: finds unapproved AI material in deliveries. Read `pipeline.py` first."""

__version__ = "0.1.0"
