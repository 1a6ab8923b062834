"""Receipts that can be checked: what a turn was answered from, its commitments, and anchors."""

import sqlalchemy as sa
from alembic import op

import billing.database

revision = 'second'
down_revision = 'first'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = billing.database.UTCDateTime(timezone=True)


def upgrade() -> None:
    op.create_table('anchor',
    sa.Column('number', ID, nullable=False),
    sa.Column('at', MOMENT, nullable=False),
    sa.Column('heads', sa.JSON(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('previous', sa.String(), nullable=False),
    sa.Column('seal', sa.String(), nullable=False),
    sa.Column('id', ID, nullable=False),
    sa.Column('business_id', ID, nullable=False),
    sa.Column('version', ID, server_default=sa.text('1'), nullable=False),
    sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f('fk_anchor_business_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anchor')),
    sa.UniqueConstraint('business_id', 'number', name=op.f('uq_anchor_business_id_number'))
    )
    # Columns with a constant default are added in place; a turn or conversation from before has no receipt.
    for table, columns in (('conversation', _heads()), ('turn', _receipts())):
        for column in columns:
            op.add_column(table, column)


def _heads() -> list[sa.Column]:
    return [
        sa.Column('head_turn', ID, nullable=True),
        sa.Column('head', sa.String(), server_default='', nullable=False),
    ]


def _receipts() -> list[sa.Column]:
    return [
        sa.Column('context', sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('receipt', sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('salts', sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column('erased_at', MOMENT, nullable=True),
        sa.Column('erasure', sa.String(), server_default='', nullable=False),
    ]


def downgrade() -> None:
    for table, columns in (('conversation', _heads()), ('turn', _receipts())):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column.name)
    op.drop_table('anchor')
