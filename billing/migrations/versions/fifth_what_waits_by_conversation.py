"""Indexes by what every turn asks: what waits in a conversation, and which conversations a client has."""

from alembic import op

revision = 'fifth'
down_revision = 'fourth'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _exchange('message', ['direction', 'delivery'], ['direction', 'delivery', 'conversation_id'])
    _exchange('conversation', ['business_id', 'client_id'], ['client_id'])


def _exchange(table: str, before: list[str], after: list[str]) -> None:
    op.drop_index(op.f(_name(table, before)), table)
    op.create_index(op.f(_name(table, after)), table, after, unique=False)


def _name(table: str, columns: list[str]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def downgrade() -> None:
    _exchange('message', ['direction', 'delivery', 'conversation_id'], ['direction', 'delivery'])
    _exchange('conversation', ['client_id'], ['business_id', 'client_id'])
