"""Where the parameters of an action come from: `Query`, `Header`, `Cookie` and `Body` say it.

`Annotated[str, Header("X-Key")]` marks a parameter. What is not marked is told by its name and type.
"""

from ._markers import Body, Cookie, Header, Query

__all__ = ["Body", "Cookie", "Header", "Query"]
