"""Where the parameters of an action come from: `Query`, `Header`, `Cookie` and `Body` say it.

`Annotated[str, Header("X-Key")]` marks a parameter. What is not marked is told by its name and type.
"""

from typing import TYPE_CHECKING

from ._markers import Body, Cookie, Header, Query

__all__ = ["Body", "Cookie", "Header", "Query"]

if not TYPE_CHECKING:
    from webaio.schemas._moved import getattr_of

    from . import _binding, _contract, _parameter, _readers

    __getattr__ = getattr_of(
        __name__,
        private={
            "Contract": _contract.Contract,
            "Parameter": _parameter.Parameter,
            "binding_of": _binding.binding_of,
            "body_binding_of": _binding.body_binding_of,
            "claimed_keys": _readers.claimed_keys,
            "contract_of": _contract.contract_of,
        },
    )
