"""Many rows by one request."""

import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Generic

from msgspec import Meta

from webaio.decorators import action
from webaio.exceptions import Fault, ValidationError
from webaio.filters import Filters, FilterSet
from webaio.schemas._fault import below

from ._model_viewset import In, ModelViewSet
from ._read_only_viewset import ACTIONS, Model, Out

Values = Mapping[str, Any]


class BulkModelViewSet(ModelViewSet[Model, Out, In], Generic[Model, Out, In]):
    """A `ModelViewSet` that also creates and destroys many rows at once, all or none.

    `POST /artist/bulk/` takes a list of bodies, whose faults say of which they are (`/3/name`), and
    `DELETE /artist/bulk/?id.in=1,2` names the rows; one that is not there is a 404 for all.

        class ArtistViewSet(BulkModelViewSet[Artist, ArtistOut, ArtistIn]):
            max_bulk_size = 500
    """

    max_bulk_size: ClassVar[int] = 100
    """The most bodies of one request."""

    _actions: ClassVar[Sequence[str]] = (*ACTIONS, "bulk_create", "bulk_destroy")

    @classmethod
    def _own_annotations(cls, models: Mapping[str, Any]) -> dict[str, Any]:
        many: Any = types.GenericAlias(list, (models["In"],))
        keys = FilterSet(cls._resource.types, filters={cls._resource.key: ["in"]})
        return {
            "bodies": Annotated[many, Meta(min_length=1, max_length=cls.max_bulk_size)],
            "keys": Annotated[Filters, keys],
        }

    @action(detail=False, methods=["post"], url_path="bulk", status=201, errors=[409, 503])
    async def bulk_create(self, bodies: list[In]) -> list[Out]:
        """Add many items, all or none."""
        rows, faults = list[Values](), list[Any]()
        for index, body in enumerate(bodies):
            try:
                rows.append(self._within_parent(self.values(body)))
            except ValidationError as error:
                faults += below(f"/{index}", error)
        if faults:
            raise ValidationError(errors=faults)
        searches = [
            (f"/{index}{place}", search)
            for index, values in enumerate(rows)
            for place, search in await self._searches(values)
        ]
        placed = [{**values, **self._of_parent} for values in rows]
        found: Sequence[Out] = await self._run(self._resource.insert_all, searches, placed)
        return [*found]

    @action(detail=False, methods=["delete"], url_path="bulk", errors=[404, 409, 503])
    async def bulk_destroy(self, keys: Filters) -> None:
        """Remove many items, all or none."""
        if not keys.conditions:
            place = f"/{self._resource.key}.in"
            raise ValidationError(errors=[Fault(place, "required", "Required", "query")])
        await self._run(self._resource.delete_all, {*keys.conditions[0].value})
