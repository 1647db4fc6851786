from typing import ClassVar

from webaio.schemas import Schema

from ._base_renderer import BaseRenderer, Write


class JSON(BaseRenderer):
    """JSON, as every result has it that says nothing else."""

    media_type: ClassVar[str] = "application/json"

    def writer(self, schema: Schema, encode: Write, where: str) -> Write:
        """Give what writes JSON, as it is."""
        return encode
