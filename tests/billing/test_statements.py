"""Every way to read that SQLAlchemy has: it finds only own rows, or is refused; on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import (
    Executable,
    String,
    case,
    cast,
    delete,
    exists,
    extract,
    func,
    insert,
    join,
    lambda_stmt,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union,
    union_all,
    update,
)  # fmt: skip
from sqlalchemy.orm import Bundle, aliased, joinedload, selectinload, with_loader_criteria

from billing.refusals import (
    AccessRefusedError,
    FunctionRefusedError,
    HiddenTableError,
    NotASelectError,
    OptionRefusedError,
    RawTableError,
    TextRefusedError,
    UnfilteredEntityError,
)
from billing.tables.addresses import Address, Consent
from billing.tables.bills import Invoice
from billing.tables.people import Business, Client
from billing.tables.talk import WebSession
from billing.tables.work import Project
from tests.billing.villages import Village, rows

Other = aliased(Invoice)
RAW: Any = Invoice.__table__
RAW_ID = RAW.c.id


# Each answers, for somebody with one invoice, exactly one row that begins with the invoice's id or a count of 1.
FILTERED: dict[str, Callable[[], Executable]] = {
    "column": lambda: select(Invoice.id),
    "entity columns by name": lambda: select(Invoice.id, Invoice.title).where(Invoice.title != ""),
    "alias": lambda: select(Other.id),
    "label": lambda: select(Invoice.id.label("found")),
    "bundle": lambda: select(Bundle("found", Invoice.id)),
    "cast": lambda: select(func.count(cast(Invoice.id, String))),
    "case": lambda: select(func.sum(case((Invoice.id > 0, 1), else_=0))),
    "expression": lambda: select(Invoice.id + 0),
    "count of rows": lambda: select(func.count()).select_from(Invoice),
    "count of a column": lambda: select(func.count(Invoice.id)),
    "distinct count": lambda: select(func.count(Invoice.id.distinct())),
    "or that is true": lambda: select(Invoice.id).where(or_(true(), Invoice.id > 0)),
    "where only": lambda: select(func.count(Business.id)).where(Invoice.business_id == Business.id),
    "alias in where only": lambda: select(func.count(Business.id)).where(Other.business_id == Business.id),
    "alias beside itself": lambda: select(Invoice.id).where(Invoice.id == Other.id),
    "cross join of itself": lambda: select(Invoice.id).join(Other, true()),
    "join": lambda: select(Invoice.id).join(Client, Client.id == Invoice.client_id),
    "join on nothing": lambda: select(Invoice.id).join(Client, true()),
    "outer join": lambda: select(Invoice.id).outerjoin(Project, true()),
    "join from business": lambda: select(Invoice.id).select_from(Business).join(Invoice, true()),
    "join by relationship": lambda: select(Invoice.id).join(Invoice.lines),
    "any": lambda: select(Invoice.id).where(Invoice.lines.any()),
    "subquery": lambda: select(select(Invoice.id).subquery()),
    "subquery of an alias": lambda: select(func.count(select(Other.id).subquery().c.id)),
    "entity of a subquery": lambda: select(aliased(Invoice, select(Invoice).subquery()).id),
    "cte": lambda: select(select(Invoice.id).cte()),
    "in": lambda: select(func.count(Business.id)).where(Business.id.in_(select(Invoice.business_id))),
    "scalar subquery": lambda: select(select(func.count(Invoice.id)).scalar_subquery()),
    "scalar subquery of where": lambda: select(select(func.count()).where(Invoice.id > 0).scalar_subquery()),
    "correlated count": lambda: select(
        select(func.count(Invoice.id)).where(Invoice.client_id == Client.id).scalar_subquery()
    ).select_from(Client),
    "correlated to itself": lambda: select(
        select(func.count()).where(Other.client_id == Invoice.client_id).scalar_subquery()
    ).select_from(Invoice),
    "subquery falling back to its own rows": lambda: select(
        select(func.count()).where(Invoice.id > 0).scalar_subquery()
    ).where(Invoice.id > 0),
    "order by subquery": lambda: select(Invoice.id).order_by(
        select(func.max(Other.balance_minor)).scalar_subquery()
    ),
    "union": lambda: union(select(Invoice.id), select(Invoice.id)),
    "union in a subquery": lambda: select(
        union_all(select(Invoice.id), select(Invoice.id).where(Invoice.id < 0)).subquery()
    ),
    "window": lambda: select(func.row_number().over(order_by=Invoice.id)).select_from(Invoice),
    "filter": lambda: select(func.count().filter(Invoice.id > 0)).select_from(Invoice),
    "group": lambda: select(func.count(Invoice.id)).group_by(Invoice.business_id),
    "having": lambda: select(func.count(Invoice.id)).having(func.max(Invoice.id) > 0),
    "distinct": lambda: select(Invoice.id).distinct(),
    "exchanged columns": lambda: select(Project).with_only_columns(Invoice.id),
    "own filter of the foreign client": lambda: select(func.count(Invoice.id)).where(Invoice.client_id != 0),
    "tuple": lambda: select(Invoice.id).where(tuple_(Invoice.id, Invoice.id).in_([(n, n) for n in range(99)])),
    "limit": lambda: select(Invoice.id).limit(5).offset(0),
}  # fmt: skip

# Each is refused before it runs.
REFUSED: dict[str, tuple[Callable[[], Executable], type[AccessRefusedError]]] = {
    "text": (lambda: text("select * from invoice"), NotASelectError),
    "text in where": (lambda: select(Invoice.id).where(text("1=1")), TextRefusedError),
    "text in order": (lambda: select(Invoice.id).order_by(text("1")), TextRefusedError),
    "text as column": (lambda: select(text("title from invoice")), TextRefusedError),
    "text of columns": (lambda: text("select id from invoice").columns(Invoice.id), NotASelectError),
    "text in a subquery": (lambda: select(text("select 1").columns(Invoice.id).subquery()), TextRefusedError),
    "from statement": (lambda: select(Invoice).from_statement(text("select * from invoice")), NotASelectError),
    "from union": (lambda: select(Invoice).from_statement(union(select(Invoice), select(Invoice))), NotASelectError),
    "literal column": (lambda: select(literal_column("(select max(id) from invoice)")), TextRefusedError),
    "table": (lambda: select(RAW), RawTableError),
    "column of a table": (lambda: select(RAW_ID), RawTableError),
    "count of a table": (lambda: select(func.count()).select_from(RAW), RawTableError),
    "alias of a table": (lambda: select(RAW.alias().c.id), RawTableError),
    "count of an aliased table": (lambda: select(func.count()).select_from(RAW.alias()), RawTableError),
    "table in where": (lambda: select(Client.id).where(RAW_ID > 0), RawTableError),
    "join to a table": (lambda: select(func.count(Client.id)).join(RAW, true()), RawTableError),
    "table in a subquery": (lambda: select(select(RAW_ID).subquery()), RawTableError),
    "table in exists": (lambda: select(exists(select(RAW_ID))), RawTableError),
    "entity of a table's subquery": (lambda: select(aliased(Invoice, select(RAW).subquery())), RawTableError),
    "table in order": (lambda: select(Client.id).order_by(select(func.max(RAW_ID)).scalar_subquery()), RawTableError),
    "join object": (lambda: select(Business.id).select_from(join(Business, Invoice, true())), AccessRefusedError),
    "window only": (lambda: select(func.row_number().over(order_by=Invoice.id)), UnfilteredEntityError),
    "partition only": (lambda: select(func.count(Business.id).over(partition_by=Invoice.id)), UnfilteredEntityError),
    "filter only": (lambda: select(func.count().filter(Invoice.id > 0)), UnfilteredEntityError),
    "extract only": (lambda: select(extract("year", Invoice.due_on)), UnfilteredEntityError),
    "having only": (
        lambda: select(Business.id).group_by(Business.id).having(func.max(Invoice.id) > 0), UnfilteredEntityError,
    ),
    "order only": (lambda: select(func.count(Business.id)).order_by(func.max(Invoice.id)), UnfilteredEntityError),
    "columns left behind by a join": (
        lambda: select(Invoice.id).join(Client, true()).with_only_columns(Client.id), UnfilteredEntityError,
    ),
    "operator": (lambda: select(Invoice.id).where(Invoice.id.op("> 0 or 1 =")(1)), TextRefusedError),
    "prefix": (lambda: select(Invoice.id).prefix_with("(select max(id) from invoice),"), TextRefusedError),
    "suffix": (lambda: select(Invoice.id).suffix_with("union select id from invoice"), TextRefusedError),
    "hint": (lambda: select(Invoice.id).with_statement_hint("union select id from invoice"), TextRefusedError),
    "function of settings": (lambda: select(func.set_config("role", "fd_staff", True)), FunctionRefusedError),
    "function that runs queries": (lambda: select(func.query_to_xml("select 1", True, True, "")), FunctionRefusedError),
    "function alone": (lambda: func.set_config("role", "none", True), AccessRefusedError),
    "function of a schema": (lambda: select(func.pg_catalog.count(Invoice.id)), FunctionRefusedError),
    "function as a table": (lambda: select(func.date("now").table_valued("value")), AccessRefusedError),
    "lambda": (lambda: lambda_stmt(lambda: select(Invoice.id)), NotASelectError),
    "lateral": (lambda: select(Client.id).join(select(Invoice.id).lateral(), true()), RawTableError),
    "criteria of one's own": (
        lambda: select(Invoice).options(with_loader_criteria(Invoice, true())), OptionRefusedError,
    ),
    "joined load": (lambda: select(Invoice).options(joinedload(Invoice.lines)), OptionRefusedError),
    "joined load of everything": (lambda: select(Invoice).options(joinedload("*")), OptionRefusedError),
    "written criteria of a load": (
        lambda: select(Invoice).options(selectinload(Invoice.lines.and_(text("1=1")))), TextRefusedError,
    ),
    "table in the criteria of a load": (
        lambda: select(Invoice).options(selectinload(Invoice.lines.and_(RAW_ID > 0))), RawTableError,
    ),
    "insert": (lambda: insert(Invoice).values(title="x"), NotASelectError),
    "insert from select": (lambda: insert(RAW).from_select(["id"], select(Invoice.id)), NotASelectError),
    "bulk update": (lambda: update(Invoice).values(title="x"), NotASelectError),
    "bulk update of a table": (lambda: update(RAW).values(title="x"), NotASelectError),
    "bulk delete": (lambda: delete(Invoice), NotASelectError),
    "update in a cte": (
        lambda: select(update(Invoice).values(title="x").returning(Invoice.id).cte()), AccessRefusedError,
    ),
    "address": (lambda: select(Address), HiddenTableError),
    "consent": (lambda: select(func.count(Consent.id)), HiddenTableError),
    "web session": (lambda: select(WebSession.token_sha256), HiddenTableError),
    "hidden table in a subquery": (lambda: select(Client.id).where(exists(select(Address.id))), HiddenTableError),
    "hidden table in a join": (lambda: select(Client.id).join(Address, true()), HiddenTableError),
}  # fmt: skip


@pytest.mark.parametrize("way", FILTERED)
def test_only_own_rows_are_found(way: str, shared_village: Village) -> None:
    near = shared_village.near
    found = rows(shared_village, near.client, FILTERED[way]())
    assert len(found) == 1
    assert near.mine.invoice != 1
    assert found[0][0] in {near.mine.invoice, (near.mine.invoice,), 1}


@pytest.mark.parametrize("way", FILTERED)
def test_strangers_find_nothing(way: str, shared_village: Village) -> None:
    with pytest.raises(HiddenTableError):
        rows(shared_village, shared_village.near.stranger, FILTERED[way]())


@pytest.mark.parametrize("way", REFUSED)
def test_ways_around_the_filters_are_refused(way: str, shared_village: Village) -> None:
    statement, reason = REFUSED[way]
    for _ in range(2):  # the second time, the shape of the statement is known
        with pytest.raises(reason):
            rows(shared_village, shared_village.near.client, statement())


@pytest.mark.parametrize("way", FILTERED)
def test_staff_find_no_other_business(way: str, shared_village: Village) -> None:
    near = shared_village.near
    everything = {row[0] for row in rows(shared_village, near.staff_member, FILTERED[way]())}
    assert near.far.invoice not in everything
    assert (near.far.invoice,) not in everything
