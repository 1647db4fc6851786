"""Where the parameters of an action come from: `Query`, `Header`, `Cookie`, `Body`, `Form`, `Depends`.

`Annotated[str, Header("X-Key")]` marks a parameter. What is not marked is told by its name and
type: a `File`, for one, is of a form.
A `Source` of your own is a further mark.
"""

from ._body import Body
from ._depends import Depends
from ._file import File
from ._form import Form
from ._keyed import Cookie, Header, Query
from ._overrides import overriding
from ._source import Documentation, Inputs, Parameter, Source

__all__ = [
    "Body",
    "Cookie",
    "Depends",
    "Documentation",
    "File",
    "Form",
    "Header",
    "Inputs",
    "Parameter",
    "Query",
    "Source",
    "overriding",
]
