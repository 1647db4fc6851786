"""Where the parameters of an action come from, and how a request fills them.

`Query`, `Header`, `Cookie` and `Body` mark a parameter: `Annotated[str, Header("X-Key")]`. What is
not marked is told by its name and type. `contract_of` reads a signature once; `binding_of` and,
for one with a body, `body_binding_of` make of it the function that turns a request into arguments.
"""

from ._binding import binding_of, body_binding_of
from ._contract import Contract, contract_of
from ._markers import Body, Cookie, Header, Query
from ._parameter import Parameter
from ._problem import invalid_problem, told_faults
from ._readers import claimed_keys

__all__ = [
    "Body",
    "Contract",
    "Cookie",
    "Header",
    "Parameter",
    "Query",
    "binding_of",
    "body_binding_of",
    "claimed_keys",
    "contract_of",
    "invalid_problem",
    "told_faults",
]
