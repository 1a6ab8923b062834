"""Reading a statement before it runs: only what the access door's filters surely reach gets through."""
# ruff: noqa: SLF001 - what a statement holds has no public names

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import CompoundSelect, FromClause, Select, Table, inspect
from sqlalchemy.orm import Load, Mapper
from sqlalchemy.orm.attributes import QueryableAttribute
from sqlalchemy.orm.util import AliasedInsp, LoaderCriteriaOption
from sqlalchemy.sql import ClauseElement, operators, visitors
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import CTE, Alias, ForUpdateArg, Subquery
from sqlalchemy.sql.util import surface_expressions

from billing.boundary import Limits
from billing.refusals import (
    ElementRefusedError,
    FunctionRefusedError,
    HiddenTableError,
    OptionRefusedError,
    RawTableError,
    TextRefusedError,
    UnfilteredEntityError,
    WriteRefusedError,
)

# Anything else is refused: a new kind of element must be looked at before it passes.
_KNOWN = frozenset({
    "select", "compound_select", "memoized_select_entities", "select_statement_grouping", "subquery", "cte",
    "lateral", "alias", "table", "column", "label", "label_reference", "textual_label_reference", "bindparam",
    "null", "true", "false", "binary", "unary", "clauselist", "expression_clauselist", "element_list",
    "order_by_list", "tuple", "grouping", "function", "cast", "type_coerce", "typeclause", "case", "extract",
    "over", "frame_clause", "funcfilter", "withingroup", "collation", "between",
})  # fmt: skip

_WRITTEN = frozenset({"textclause", "tstring", "tstring_text", "textual_select"})

_FUNCTIONS = frozenset({
    "count", "sum", "min", "max", "avg", "total", "coalesce", "nullif", "lower", "upper", "length", "abs", "round",
    "trim", "substr", "substring", "replace", "concat", "aggregate_strings", "string_agg", "group_concat",
    "row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "ntile", "percent_rank",
    "percentile_cont", "percentile_disc", "mode", "date", "strftime", "julianday", "date_trunc", "to_char", "now",
    "current_date", "current_timestamp", "greatest", "least", "random",
})  # fmt: skip

# Where the ORM finds an entity inside an expression of the columns clause, and filters it.
_SEEN_THROUGH = frozenset({
    "label", "function", "grouping", "clauselist", "expression_clauselist", "cast", "type_coerce", "case", "binary",
    "unary",
})  # fmt: skip

_SPLICED = (
    "_prefixes", "_suffixes", "_hints", "_statement_hints", "_independent_ctes", "_pre_columns_clause",
    "_post_select_clause", "_post_criteria_clause", "_post_body_clause",
)  # fmt: skip

_HARMLESS = frozenset({"*", "1"})  # what count() and exists() write

Entity = Mapper[Any] | AliasedInsp[Any]


def check_statement(statement: Any, limits: Limits, *, is_load: bool) -> None:
    """Refuse what the filters do not reach, and tables outside the limits; an AccessRefusedError says why.

    is_load: the statement is SQLAlchemy's own, loading columns or relationships of rows already here.
    """
    if limits.is_system:
        _check_of_scope(statement, limits)
    else:
        _check_filtered(statement, limits, is_load=is_load or _is_get(statement))
    for option in getattr(statement, "_with_options", ()):
        # A load repeats the options of the statement it follows, our own filters among them; those were checked.
        if not (is_load and isinstance(option, LoaderCriteriaOption)):
            _check_option(option, limits)


def key_of(statement: Executable) -> Any | None:
    """The shape of a statement without its values: SQLAlchemy compiles one shape once. None: it has no key."""
    made = getattr(statement, "_generate_cache_key", None)
    key = made() if made else None
    return key.key if key is not None else None


def _is_get(statement: Executable) -> bool:
    """Session.get() compares bare columns; its one criterion is an object of the mapper's own."""
    if not isinstance(statement, Select) or len(statement._where_criteria) != 1:
        return False
    entity = statement._propagate_attrs.get("plugin_subject")
    return isinstance(entity, Mapper) and statement._where_criteria[0] is entity._get_clause[0]


def _check_filtered(statement: ClauseElement, limits: Limits, *, is_load: bool) -> None:
    waiting: list[ClauseElement] = [statement]
    seen: set[int] = set()
    while waiting:
        query = waiting.pop()
        if id(query) in seen:
            continue
        seen.add(id(query))
        named: list[Entity] = []
        for element in _elements_of(query, waiting):
            _check_element(element, is_load=is_load)
            entity = _entity_of(element)
            if entity is not None:
                named.append(entity)
                _check_visible(entity, limits)
                if isinstance(entity, AliasedInsp) and not _is_plain_alias(entity):
                    waiting.append(entity.selectable)
        if isinstance(query, Select) and not is_load:
            _check_anchored(query, named)


def _elements_of(query: ClauseElement, nested: list[ClauseElement]) -> Iterator[ClauseElement]:
    """The elements of one query and not of the queries inside it; those are put into `nested`."""
    stack: list[Any] = [query]
    while stack:
        element = stack.pop()
        if element is not query and isinstance(element, (Select, CompoundSelect)):
            nested.append(element)
            continue
        yield element
        stack.extend(element.get_children())


def _check_element(element: ClauseElement, *, is_load: bool) -> None:
    kind = element.__visit_name__
    if kind in _WRITTEN:
        raise TextRefusedError(str(element))
    if kind not in _KNOWN and not isinstance(element, ForUpdateArg):
        raise ElementRefusedError(kind)
    if any(getattr(element, part, None) for part in _SPLICED):
        raise TextRefusedError(f"a prefix, suffix or hint of a {kind}")
    if kind == "column":
        _check_column(element, is_load=is_load)
    elif kind == "function":
        _check_function(element)
    elif kind in {"binary", "unary"}:
        _check_operator(element)


def _check_column(element: Any, *, is_load: bool) -> None:
    if isinstance(element, ColumnClause) and element.is_literal:
        if element.name not in _HARMLESS:
            raise TextRefusedError(element.name)
    elif _entity_of(element) is None and not is_load and not _is_of_query(element.table):
        raise RawTableError(str(element))


def _is_of_query(source: Any) -> bool:
    while isinstance(source, Alias):
        source = source.element
    return isinstance(source, (Subquery, CTE))


def _check_function(element: Any) -> None:
    name = str(element.name).lower()
    if name not in _FUNCTIONS or getattr(element, "packagenames", None):
        raise FunctionRefusedError(name)


def _check_operator(element: Any) -> None:
    for operator in (element.operator, getattr(element, "modifier", None)):
        if isinstance(operator, operators.custom_op):
            raise TextRefusedError(operator.opstring)


def _entity_of(element: Any) -> Entity | None:
    entity: Entity | None = getattr(element, "_annotations", {}).get("parententity")
    return entity


def _is_plain_alias(entity: AliasedInsp[Any]) -> bool:
    source = entity.selectable
    return isinstance(source, Alias) and isinstance(source.element, Table)


def _check_visible(entity: Entity, limits: Limits) -> None:
    if entity.mapper.class_ not in limits.reads:
        raise HiddenTableError(entity.mapper.local_table.description, limits.name)


def _check_anchored(query: Select[Any], named: Iterable[Entity]) -> None:
    """Refuse entities that stand only where the ORM puts no filter: window, FILTER, ORDER BY, join objects."""
    anchors = _anchors_of(query)
    for entity in named:
        if entity not in anchors:
            raise UnfilteredEntityError(entity.mapper.class_.__name__)
    columns = (item for item in query._raw_columns if not isinstance(item, FunctionElement))
    for source in (*columns, *query._from_obj):
        if isinstance(source, FromClause) and _entity_of(source) is None and not _is_of_query(source):
            raise RawTableError(source.description)


def _anchors_of(query: Select[Any]) -> set[Entity]:
    anchors: set[Entity] = set()
    stack: list[Any] = [*query._raw_columns, *query._from_obj]
    while stack:
        element = stack.pop()
        entity = _entity_of(element)
        if entity is not None:
            anchors.add(entity)
        elif element.__visit_name__ in _SEEN_THROUGH:
            stack.extend(element.get_children())
    joins = [*query._setup_joins, *(join for kept in query._memoized_select_entities for join in kept._setup_joins)]
    anchors.update(entity for target, *_ in joins if (entity := _joined(target)) is not None)
    for criterion in query._where_criteria:
        for part in surface_expressions(criterion):  # type: ignore[no-untyped-call]  # the ORM's own search
            if (entity := _entity_of(part)) is not None:
                anchors.add(entity)
    return anchors


def _joined(target: Any) -> Any:
    if isinstance(target, QueryableAttribute):
        return target._of_type or target.property.entity
    entity = _entity_of(target)
    if entity is None and not _is_of_query(target):
        raise RawTableError(getattr(target, "description", str(target)))
    return entity


def _check_option(option: Any, limits: Limits) -> None:
    if not isinstance(option, Load):
        raise OptionRefusedError(type(option).__name__)
    for element in option.context:
        for step in element.path.path:
            entity = inspect(step, raiseerr=False)
            if isinstance(entity, (Mapper, AliasedInsp)):
                _check_visible(entity, limits)
        if limits.is_system:
            continue
        if "expression" in element.local_opts:
            raise OptionRefusedError("with_expression")
        if element.strategy and ("lazy", "joined") in element.strategy:
            raise OptionRefusedError("joinedload")  # it takes no filters that are added to the statement
        for criterion in element._extra_criteria:
            for part in visitors.iterate(criterion):
                _check_element(part, is_load=False)  # type: ignore[arg-type]  # what a clause holds are clauses


def _check_of_scope(statement: Executable, limits: Limits) -> None:
    """A system scope writes what it likes, over its own tables."""
    reads = {table.__tablename__ for table in limits.reads}
    writes = {table.__tablename__ for table in limits.adds}
    for element in visitors.iterate(statement):  # type: ignore[arg-type]  # executables are clauses
        kind = element.__visit_name__
        if kind in _WRITTEN:
            raise TextRefusedError(str(element))
        if isinstance(element, UpdateBase) and element.table.description not in writes:
            raise WriteRefusedError(element.table.description, limits.name)
        if isinstance(element, Table) and element.name not in reads:
            raise HiddenTableError(element.name, limits.name)
        if kind == "column" and getattr(element, "is_literal", False) and str(element) not in _HARMLESS:
            raise TextRefusedError(str(element))
