"""The rows that there are for a request: by the viewset, and by who asks."""

import types
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, TypeVar

from aiohttp import web
from sqlalchemy import ColumnElement, Select
from sqlalchemy.ext.asyncio import AsyncSession

from webaio.authentication import identity_of
from webaio.authentication._identified import unknown
from webaio.decorators._callable import declared
from webaio.exceptions import APIException, ImproperlyConfigured, NotFound, PermissionDenied
from webaio.parameters import Depends, Parameter
from webaio.parameters._request_key import request_key
from webaio.permissions import BasePermission
from webaio.permissions._words import permission_of
from webaio.viewsets import BaseViewSet

from ._allowed import allowed, conditions_in, require_scopes
from ._conditions import grouped
from ._generation import is_generated
from ._parent import Enter, enter_of, reference_to, require_held
from ._resource import Resource
from ._rows import Beside, Conditions, Rows
from ._transaction import Transaction, transaction

CHANGES: Final = ("create", "update", "partial_update")
"""The actions that can put a row out of those that there are."""
_BESIDE: Final = request_key("webaio_beside", Beside)
_Viewset = TypeVar("_Viewset", bound="RowsViewSet")


class RowsViewSet(BaseViewSet):
    """A viewset of the rows of a mapped class that there are for a request.

    What `scope` and `query` say, and what the permission says of rows, is a part of each statement.
    """

    version: ClassVar[str | None] = None
    """The column that counts the versions of an item: an integer that each write raises by one."""
    put_creates: ClassVar[bool] = False
    """Whether `update` makes the item of its URL where there is none."""
    parent_field: ClassVar[str | None] = None
    """The column that names the item which it is registered below, where there is a choice."""

    transaction: Annotated[Transaction, Depends(transaction)]
    _resource: ClassVar[Resource]
    """What is read and written, made of the models."""
    _is_narrowed: ClassVar[bool]
    """Whether there may be rows that are not there for a request."""
    _by_itself: ClassVar[Collection[str]] = ()
    """The actions that are statements by themselves."""
    _asking: ClassVar[Collection[str]] = ()
    """The actions whose statements have what a permission says of rows."""
    _beside: ClassVar[Callable[[web.Request, Any], Any] | None] = None
    """Gives, for an item that was read, what has its version where the model has not."""
    _is_in_version: ClassVar[bool] = True
    """Whether all that the model shows is of the row itself, whose version it is."""
    _loader: ClassVar[str] = "get_object"
    """The method that loads what an action which is written by hand is to write."""
    _allowed: Conditions = ()
    """What the permission says of rows, for this request."""
    _inside: Conditions = ()
    """What holds of the rows below the parent of this request."""
    _of_parent: Mapping[str, Any] = types.MappingProxyType({})
    """The column of a row that names the parent, with its value."""
    _asks_above: bool = False
    """Whether it depends on who asks which parents there are."""

    def scope(self) -> Sequence[ColumnElement[bool]]:
        """Say which rows there are for this request; for the others every action is a 404."""
        return ()

    def query(self) -> Select[Any]:
        """Give a SELECT of the rows that there are, to be narrowed by joins or a LIMIT.

        Its order and its columns count for nothing. For other rows every action is a 404.
        """
        return self._resource.rows.statement

    def narrowed(self, statement: Select[Any]) -> Select[Any]:
        """Leave out of a SELECT of the class the rows that there are not for this request.

        What an action reads by a statement of its own is not narrowed by itself.

            songs = await self.session.scalars(self.narrowed(select(Song)))
        """
        return statement.where(*self._rows().conditions)

    @property
    def session(self) -> AsyncSession:
        """The session of the request; from its first use on, all that is done is one transaction."""
        return self.transaction.session

    async def get_object(self, id: Any) -> Any:
        """Give the mapped object of an item, in the session of the request.

        An action on an item that is written by hand finds it in `self.object`, where the viewset has
        `permissions`. Raises what answers for one that is not there for this request.
        """
        found = await self.session.scalar(self._resource.entity(self._rows(), id))
        if found is None:
            raise await self._absent(id)
        return found

    async def _locked(self, id: Any) -> Any:
        """Give the mapped object of an item as it is now; nobody else writes it before the end."""
        asked = self._resource.entity(self._rows(), id).with_for_update(of=self._resource.table)
        return await self.session.scalar(asked.execution_options(populate_existing=True))

    async def _run(self, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function of the resource on the rows of this request."""
        rows = self._rows()
        is_left = rows.may_be_left and self.action in CHANGES  # it is read again, to be undone
        by_itself = self.action in self._by_itself and not is_left
        found = await self.transaction.run(
            lambda connection: work(connection, rows, *arguments), by_itself=by_itself
        )
        if isinstance(found, Beside):
            self.request[_BESIDE] = found
            return found.item
        return found

    def _rows(self) -> Rows:
        """Give the rows that there are for this request."""
        rows = self._resource.rows
        if self._inside:
            rows = rows.narrowed(self._inside, may_be_left=not self._of_parent)
        if not self._is_narrowed:
            return rows
        conditions = [grouped(each) for each in _checked(self.scope(), type(self))]
        conditions += self._allowed
        if type(self).query is not RowsViewSet.query:
            conditions.append(self._resource.is_in(self.query()))
        return rows.narrowed((*conditions,))

    async def _run_on(self, id: Any, work: Callable[..., Any], *arguments: Any) -> Any:
        """Run a function of the resource on one item."""
        try:
            return await self._run(work, *arguments)
        except NotFound:
            raise await self._absent(id) from None

    @classmethod
    def _placing(
        cls, parent: type[BaseViewSet], key: Parameter, *, is_part: bool, where: str
    ) -> Enter:
        """Make what leaves an instance the rows below an item of a parent."""
        reference = reference_to(cls._resource, parent, cls.parent_field, where)
        require_held(cls._resource, reference.name, key)
        return enter_of(reference, parent, is_part=is_part)

    @classmethod
    def _loads_parent(
        cls, parent: type[BaseViewSet], name: str | None, is_named: bool, where: str
    ) -> bool:
        """Tell whether an action needs a parent with rows as an object; without a name, an item does.

        Its own statements ask for it but where `get_object` is written by hand.
        """
        is_by_hand = not is_generated(parent, "get_object")
        if is_by_hand and not is_named:
            raise ImproperlyConfigured(
                where,
                f"{parent.__qualname__}.get_object is written by hand, and no key in the URL is its",
                "Say which rows there are in its scope(), or take shallow=True out",
            )
        is_written = name is not None and name not in cls._asking
        may_create = cls.put_creates and name == "update"
        return is_named and (is_written or may_create or is_by_hand or _reads_parent(cls))

    @classmethod
    def _require_narrowing(cls, permission: BasePermission, where: str, *, loads: bool) -> None:
        """Refuse a permission on rows that the statements of an action would not have."""
        require_scopes(permission, where)
        if not cls._is_narrowed:
            raise ImproperlyConfigured(
                where,
                "its permission depends on rows, and was given after the class was made",
                "Write `permissions = ...` in the class, or in a subclass",
            )
        if loads and not is_generated(cls, "get_object"):
            raise ImproperlyConfigured(
                where,
                "its permission depends on rows, and a get_object that is written by hand is not "
                "narrowed by itself",
                "Take get_object out: self.object is the mapped object, and self.session loads more",
            )

    async def _narrow(self, permission: BasePermission) -> None:
        """Let a permission that depends on the object be a part of the statements."""
        identity = identity_of(self.request)
        answer = await allowed(permission, identity)
        if answer is False and identity is None:
            raise unknown(self.request)
        self._allowed = conditions_in(answer)

    async def _absent(self, id: Any) -> APIException:
        """Make the answer for an item that is not there, or that may not be reached.

        Who may see it learns that it may not be done.
        """
        identity = identity_of(self.request)
        if identity is None and (self._allowed or self._asks_above):
            return unknown(self.request)
        is_hidden = not self._allowed or self.action == "detail" or not await self._is_seen(id)
        return self.not_found() if is_hidden else PermissionDenied()

    async def _is_seen(self, id: Any) -> bool:
        """Tell whether an item is there for `detail`."""
        if getattr(type(self), "detail", None) is None:
            return False
        other = await self._reading(type(self))
        other._inside = self._inside
        try:
            await other._run(self._resource.one, id)
        except NotFound:
            return False
        return True

    async def _reading(self, viewset: type[_Viewset]) -> _Viewset:
        """Make an instance of a viewset that reads an item for this request."""
        other = viewset()
        vars(other).update(vars(self), action="detail", _allowed=(), _inside=())
        permission = permission_of(viewset, "detail")
        if permission is not None and permission.needs_object:
            other._allowed = conditions_in(await allowed(permission, identity_of(self.request)))
        return other


def read_beside(request: web.Request, item: Any) -> Any:
    """Give the columns that were read beside an item of this request; of others the item."""
    found: Beside | None = request.get(_BESIDE)
    return found.columns if found is not None and found.item is item else item


def _reads_parent(viewset: type[BaseViewSet]) -> bool:
    """Tell whether what is written by hand for all actions names the parent."""
    names = [each for each in ("before", "query", "scope", "values") if hasattr(viewset, each)]
    codes = (getattr(declared(getattr(viewset, each)), "__code__", None) for each in names)
    return any("parent" in each.co_names for each in codes if each is not None)


def _checked(scope: Any, viewset: type) -> Sequence[ColumnElement[bool]]:
    """Refuse what would let everybody see all: a scope that gives nothing, for one."""
    if not isinstance(scope, (list, tuple)):
        raise TypeError(f"{viewset.__qualname__}.scope() gave {scope!r}: give a list of conditions")
    return scope
