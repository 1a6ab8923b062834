"""The one Alembic history of the schema."""
