"""Readers of containers: what is in an archive, a PDF or a layered picture. They run in the opening process only."""
