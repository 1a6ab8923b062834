"""Why the access door refuses: one class a reason, each a fault of ours and never of the person asking."""


class AccessRefusedError(Exception):
    """What was tried is outside what this session may do."""


class NotASelectError(AccessRefusedError):
    """A statement that is no ORM SELECT, where only those pass. `kind` is what it is."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} statements are refused here; select rows, and change them as objects")
        self.kind = kind


class TextRefusedError(AccessRefusedError):
    """Written SQL, which no filter reaches."""

    def __init__(self, written: str) -> None:
        super().__init__(f"written SQL is refused: {written[:80]!r}")
        self.written = written


class ElementRefusedError(AccessRefusedError):
    """A piece of a statement that the check does not know."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} is not known to be filtered")
        self.kind = kind


class FunctionRefusedError(AccessRefusedError):
    """An SQL function that is not on the list of harmless ones: some read files, tables or settings."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the SQL function {name}() is not on the list of harmless ones")
        self.name = name


class RawTableError(AccessRefusedError):
    """A table or column taken past its mapped class, which the filters do not reach."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is used as a table; use the mapped class")
        self.name = name


class UnfilteredEntityError(AccessRefusedError):
    """An entity that stands only where the filters do not look: name it in select(), select_from or join."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} must stand in select(), select_from() or join(), or no filter is put on it")
        self.name = name


class OptionRefusedError(AccessRefusedError):
    """A statement option that could undo the filters."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the option {kind} is refused")
        self.kind = kind


class HiddenTableError(AccessRefusedError):
    """A table that this principal or scope may not read."""

    def __init__(self, table: str, asker: str) -> None:
        super().__init__(f"{asker} may not read {table}")
        self.table, self.asker = table, asker


class WriteRefusedError(AccessRefusedError):
    """A table, or columns of it, that this principal or scope may not write."""

    def __init__(self, table: str, asker: str, columns: tuple[str, ...] = ()) -> None:
        what = f"{table} ({', '.join(columns)})" if columns else table
        super().__init__(f"{asker} may not write {what}")
        self.table, self.asker, self.columns = table, asker, columns


class RawConnectionError(AccessRefusedError):
    """The connection under a session, or the session under it, where only the session is handed out."""

    def __init__(self) -> None:
        super().__init__("the connection under this session is not handed out")


class DetachedObjectError(AccessRefusedError):
    """An object that comes from elsewhere, or was given its identity by hand."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a row of {table} that this session has not loaded is refused")
        self.table = table


class MergeRefusedError(AccessRefusedError):
    """merge() answers whether a foreign row is there."""

    def __init__(self) -> None:
        super().__init__("merge() is refused; load the row and change it")


class BulkRefusedError(AccessRefusedError):
    """A bulk operation, which passes by the unit of work."""

    def __init__(self) -> None:
        super().__init__("bulk operations pass by the checks; add objects to the session")


class ForeignOwnerError(AccessRefusedError):
    """A row that would belong to somebody else."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a row of {table} must belong to whom this session acts for")
        self.table = table


class OwnerChangedError(AccessRefusedError):
    """A row's id, business or client was changed."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"{table}.{column} never changes")
        self.table, self.column = table, column


class GivenIdError(AccessRefusedError):
    """A new row with an id chosen by hand: the answer would tell whether that id is taken."""

    def __init__(self, table: str) -> None:
        super().__init__(f"the database numbers the rows of {table}")
        self.table = table


class ForeignReferenceError(AccessRefusedError):
    """A row that would point at another's row."""

    def __init__(self, table: str, column: str) -> None:
        super().__init__(f"{table}.{column} points at a row that is not visible here")
        self.table, self.column = table, column


class TransactionEndedError(AccessRefusedError):
    """commit() or rollback() inside a unit of work: it ends when the work returns or raises."""

    def __init__(self) -> None:
        super().__init__("the unit of work ends when its function returns or raises")


class NestedWorkError(AccessRefusedError):
    """A unit of work begun inside another one: on SQLite two that write would wait for each other for ever."""

    def __init__(self) -> None:
        super().__init__("a unit of work inside another one; pass the session on instead")


class AwaitedInsideError(AccessRefusedError):
    """A unit of work that waits for something besides its session would keep its transaction open meanwhile."""

    def __init__(self) -> None:
        super().__init__("a unit of work awaits nothing but its session")
