import functools
from typing import Any, Final

from .._fault import Refused
from .._schema import Takes, Texts
from ._defaults import defaults_in, filling
from ._schema import MsgspecSchema
from ._validators import convert, is_refusal

_TEXTS: Final = frozenset[Takes](["text", "texts"])


class MsgspecFormSchema(MsgspecSchema):
    """A `Schema` of what a form holds: files, and members that are JSON, come made already."""

    def __init__(self, annotation: Any) -> None:
        super().__init__(annotation)
        self._is_of_texts = {self.takes, *(each.takes for each in self.fields or ())} <= _TEXTS
        convert_text = functools.partial(convert, annotation=annotation, strict=False)
        self._convert_text = filling(convert_text, defaults_in(self._info))

    def parse(self, texts: Texts) -> Any:
        """Read a value from what a form holds; raises `Refused`."""
        if self._is_of_texts:
            return super().parse(texts)
        try:
            value = self._convert_text(texts)
        except Exception as error:
            if is_refusal(error):
                raise Refused from None
            raise
        if self._is_narrow_text and self._text.read(texts)[1].faults:
            raise Refused
        return value
