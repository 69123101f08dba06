"""Schema versions, found by Alembic."""
