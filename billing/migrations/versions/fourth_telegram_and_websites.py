"""Telegram and websites: start links, growing answers, where the chat may stand, and visits a website vouches for."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

import billing.database

revision = 'fourth'
down_revision = 'third'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = billing.database.UTCDateTime(timezone=True)
ONE_PERSON = '(contact_id IS NULL) <> (staff_id IS NULL)'
WAYS = "'record', 'code', 'staff', 'link'"


def upgrade() -> None:
    _create_start_link()
    _create_draft()
    _create_sites()
    for column in _of_web_session():
        op.add_column('web_session', column)
    # Whoever texts is looked up by it.
    op.create_index(op.f('ix_contact_business_id_phone'), 'contact', ['business_id', 'phone'], unique=False)
    _tell_what_about()
    op.add_column('address_link', sa.Column('phone', sa.String(), server_default='', nullable=False))
    _change_ways(f"linked_by IN ({WAYS}, 'card')")


def _owned(table: str) -> list[sa.Column | sa.Constraint]:
    return [
        sa.Column('id', ID, nullable=False),
        sa.Column('business_id', ID, nullable=False),
        sa.Column('version', ID, server_default=sa.text('1'), nullable=False),
        sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f(f'fk_{table}_business_id')),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
    ]


def _same_business(table: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(['business_id', f'{parent}_id'], [f'{parent}.business_id', f'{parent}.id'], name=op.f(f'fk_{table}_business_id_{parent}_id'))


def _create_start_link() -> None:
    op.create_table('start_link',
    sa.Column('token_sha256', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('contact_id', ID, nullable=True),
    sa.Column('staff_id', ID, nullable=True),
    sa.Column('conversation_id', ID, nullable=True),
    sa.Column('address_id', ID, nullable=True),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('expires_at', MOMENT, nullable=False),
    sa.Column('used_at', MOMENT, nullable=True),
    *_owned('start_link'),
    sa.CheckConstraint(ONE_PERSON, name=op.f('ck_start_link_one_person')),
    *(_same_business('start_link', parent) for parent in ('contact', 'staff', 'conversation', 'address')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_start_link_token_sha256'))
    )
    op.create_index(op.f('ix_start_link_contact_id'), 'start_link', ['contact_id'], unique=False)
    op.create_index(op.f('ix_start_link_staff_id'), 'start_link', ['staff_id'], unique=False)


def _create_draft() -> None:
    op.create_table('draft',
    sa.Column('turn_id', ID, nullable=False),
    sa.Column('provider_id', sa.String(), nullable=False),
    sa.Column('shown_at', MOMENT, nullable=False),
    *_owned('draft'),
    _same_business('draft', 'turn'),
    sa.UniqueConstraint('turn_id', name=op.f('uq_draft_turn_id'))
    )


def _create_sites() -> None:
    op.create_table('site',
    sa.Column('origins', sa.JSON(), nullable=False),
    sa.Column('signature', sa.Enum('none', 'HS256', 'RS256', name='signature', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('changed_at', MOMENT, nullable=False),
    *_owned('site'),
    sa.UniqueConstraint('business_id', name=op.f('uq_site_business_id'))
    )
    op.create_table('site_visit',
    sa.Column('jti', sa.String(), nullable=False),
    sa.Column('expires_at', MOMENT, nullable=False),
    *_owned('site_visit'),
    sa.UniqueConstraint('business_id', 'jti', name=op.f('uq_site_visit_business_id_jti'))
    )


def _of_web_session() -> list[sa.Column]:
    return [
        sa.Column('origin', sa.String(), server_default='', nullable=False),
        sa.Column('proved_at', MOMENT, nullable=True),
    ]


# A new foreign key needs the table to be made again on SQLite, which forgets its checks: they are named again.


def _checks(*checks: tuple[str, str]) -> Iterable[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(name)) for name, rule in checks]


def _of_message() -> Iterable[sa.CheckConstraint]:
    return _checks(
        ('ck_message_direction', "direction IN ('in', 'out')"),
        ('ck_message_author', "author IN ('client', 'staff', 'assistant', 'system')"),
        ('ck_message_delivery', "delivery IN ('received', 'answered', 'queued', 'sent', 'delivered', 'failed', 'parked')"),
    )


def _tell_what_about() -> None:
    with op.batch_alter_table('message', schema=None, table_args=_of_message()) as batch_op:
        batch_op.add_column(sa.Column('about_id', ID, nullable=True))
        batch_op.add_column(sa.Column('handed', sa.String(), server_default='', nullable=False))
        batch_op.create_foreign_key(batch_op.f('fk_message_business_id_about_id'), 'conversation', ['business_id', 'about_id'], ['business_id', 'id'])


def _change_ways(rule: str) -> None:
    # Reflected by its name, the old rule would otherwise stand beside the new one when SQLite makes the table again.
    with op.batch_alter_table('address_link', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_address_link_linkedby'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_address_link_linkedby'), rule)


def downgrade() -> None:
    op.execute("update address_link set linked_by = 'code' where linked_by = 'card'")
    _change_ways(f'linked_by IN ({WAYS})')
    op.drop_column('address_link', 'phone')
    with op.batch_alter_table('message', schema=None, table_args=_of_message()) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_message_business_id_about_id'), type_='foreignkey')
        batch_op.drop_column('handed')
        batch_op.drop_column('about_id')
    op.drop_index(op.f('ix_contact_business_id_phone'), 'contact')
    for column in _of_web_session():
        op.drop_column('web_session', column.name)
    for table in ('site_visit', 'site', 'draft', 'start_link'):
        op.drop_table(table)
