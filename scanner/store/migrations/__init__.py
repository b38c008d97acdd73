"""Alembic's environment: the steps from each schema to the next."""
