"""Texting: accounts with providers, one-time codes, whose an address is, and what became of a message on its way."""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

import billing.database

revision = 'third'
down_revision = 'second'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = billing.database.UTCDateTime(timezone=True)
ONE_PERSON = '(contact_id IS NULL) <> (staff_id IS NULL)'
FILE_KINDS = "'contract', 'estimate', 'invoice', 'receipt', 'statement', 'permit', 'warranty', 'photo', 'drawing', 'other'"


def upgrade() -> None:
    _create_connection()
    _create_one_time_code()
    for column in _of_address():
        op.add_column('address', column)
    op.add_column('conversation', sa.Column('answer_after', MOMENT, nullable=True))
    for column in _of_message():
        op.add_column('message', column)
    _link_who_vouched()
    _let_addresses_consent()
    _tie_files_to_requests()


def _owned() -> list[sa.Column]:
    return [
        sa.Column('id', ID, nullable=False),
        sa.Column('business_id', ID, nullable=False),
        sa.Column('version', ID, server_default=sa.text('1'), nullable=False),
    ]


def _create_connection() -> None:
    op.create_table('connection',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('channel', sa.String(), nullable=False),
    sa.Column('path', sa.String(), nullable=False),
    sa.Column('account', sa.String(), nullable=False),
    sa.Column('sender', sa.String(), nullable=False),
    sa.Column('sealed', sa.String(), nullable=False),
    sa.Column('connected_at', MOMENT, nullable=False),
    sa.Column('ended_at', MOMENT, nullable=True),
    *_owned(),
    sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f('fk_connection_business_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connection')),
    sa.UniqueConstraint('channel', 'path', name=op.f('uq_connection_channel_path')),
    sa.UniqueConstraint('key', name=op.f('uq_connection_key'))
    )


def _create_one_time_code() -> None:
    op.create_table('one_time_code',
    sa.Column('address_id', ID, nullable=False),
    sa.Column('contact_id', ID, nullable=True),
    sa.Column('staff_id', ID, nullable=True),
    sa.Column('medium', sa.Enum('sms', 'email', name='codemedium', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('destination', sa.String(), nullable=False),
    sa.Column('code_hash', sa.String(), nullable=False),
    sa.Column('tries', ID, nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.Column('expires_at', MOMENT, nullable=False),
    sa.Column('sent_at', MOMENT, nullable=True),
    sa.Column('used_at', MOMENT, nullable=True),
    sa.Column('ended_at', MOMENT, nullable=True),
    *_owned(),
    sa.CheckConstraint(ONE_PERSON, name=op.f('ck_one_time_code_one_person')),
    sa.ForeignKeyConstraint(['business_id', 'address_id'], ['address.business_id', 'address.id'], name=op.f('fk_one_time_code_business_id_address_id')),
    sa.ForeignKeyConstraint(['business_id', 'contact_id'], ['contact.business_id', 'contact.id'], name=op.f('fk_one_time_code_business_id_contact_id')),
    sa.ForeignKeyConstraint(['business_id', 'staff_id'], ['staff.business_id', 'staff.id'], name=op.f('fk_one_time_code_business_id_staff_id')),
    sa.ForeignKeyConstraint(['business_id'], ['business.id'], name=op.f('fk_one_time_code_business_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_code'))
    )
    op.create_index(op.f('ix_one_time_code_address_id_created_at'), 'one_time_code', ['address_id', 'created_at'], unique=False)
    op.create_index(op.f('ix_one_time_code_contact_id'), 'one_time_code', ['contact_id'], unique=False)
    op.create_index(op.f('ix_one_time_code_staff_id'), 'one_time_code', ['staff_id'], unique=False)


def _of_address() -> list[sa.Column]:
    return [
        sa.Column('blocked_at', MOMENT, nullable=True),
        sa.Column('blocked_for', sa.String(), server_default='', nullable=False),
        sa.Column('locked_until', MOMENT, nullable=True),
    ]


def _of_message() -> list[sa.Column]:
    return [
        sa.Column('parts', ID, server_default=sa.text('0'), nullable=False),
        sa.Column('attempts', ID, server_default=sa.text('0'), nullable=False),
        sa.Column('due_at', MOMENT, nullable=True),
        sa.Column('sending_by', sa.String(), server_default='', nullable=False),
        sa.Column('sending_until', MOMENT, nullable=True),
        sa.Column('redacted_at', MOMENT, nullable=True),
    ]


# A new foreign key needs the table to be made again on SQLite, which forgets its checks: they are named again.


def _checks(*checks: tuple[str, str]) -> Iterable[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(name)) for name, rule in checks]


def _link_who_vouched() -> None:
    kept = _checks(('ck_address_link_one_person', ONE_PERSON))
    with op.batch_alter_table('address_link', schema=None, table_args=kept) as batch_op:
        batch_op.add_column(sa.Column('linked_by', sa.String(length=32), server_default='record', nullable=False))
        batch_op.add_column(sa.Column('vouched_by_id', ID, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_address_link_business_id_vouched_by_id'), 'staff', ['business_id', 'vouched_by_id'], ['business_id', 'id'])
        batch_op.create_check_constraint(op.f('ck_address_link_linkedby'), "linked_by IN ('record', 'code', 'staff', 'link')")


def _let_addresses_consent() -> None:
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address_id', ID, nullable=True))
        batch_op.alter_column('contact_id', existing_type=ID, nullable=True)
        batch_op.create_foreign_key(batch_op.f('fk_consent_business_id_address_id'), 'address', ['business_id', 'address_id'], ['business_id', 'id'])
        batch_op.create_check_constraint(op.f('ck_consent_somebody'), 'contact_id IS NOT NULL OR address_id IS NOT NULL')
        batch_op.create_index(batch_op.f('ix_consent_address_id'), ['address_id'], unique=False)


def _tie_files_to_requests() -> None:
    kept = _checks(('ck_file_filekind', f'kind IN ({FILE_KINDS})'), ('ck_file_visibility', "visibility IN ('client', 'internal')"))
    with op.batch_alter_table('file', schema=None, table_args=kept) as batch_op:
        batch_op.add_column(sa.Column('request_id', ID, nullable=True))
        batch_op.create_index(batch_op.f('ix_file_request_id'), ['request_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_file_business_id_client_id_request_id'), 'request', ['business_id', 'client_id', 'request_id'], ['business_id', 'client_id', 'id'])


def downgrade() -> None:
    kept = _checks(('ck_file_filekind', f'kind IN ({FILE_KINDS})'), ('ck_file_visibility', "visibility IN ('client', 'internal')"))
    with op.batch_alter_table('file', schema=None, table_args=kept) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_file_business_id_client_id_request_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_file_request_id'))
        batch_op.drop_column('request_id')
    op.execute('delete from consent where contact_id is null')
    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_consent_business_id_address_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_consent_address_id'))
        batch_op.alter_column('contact_id', existing_type=ID, nullable=False)
        batch_op.drop_column('address_id')
    with op.batch_alter_table('address_link', schema=None, table_args=_checks(('ck_address_link_one_person', ONE_PERSON))) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_address_link_business_id_vouched_by_id'), type_='foreignkey')
        batch_op.drop_column('vouched_by_id')
        batch_op.drop_column('linked_by')
    for column in _of_message():
        op.drop_column('message', column.name)
    op.drop_column('conversation', 'answer_after')
    for column in _of_address():
        op.drop_column('address', column.name)
    op.drop_table('one_time_code')
    op.drop_table('connection')
