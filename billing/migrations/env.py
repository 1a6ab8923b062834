"""Runs revisions on the connection that billing/schema.py hands over; there is no other way to run them."""

from alembic import context

from billing.schema import every_table

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=every_table(),
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    transaction_per_migration=False,
)
# The caller holds the transaction, so that a half-done upgrade leaves nothing behind.
context.run_migrations()
