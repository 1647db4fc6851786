"""The list of articles of RealWorld's API, one file for each framework, as its documentation teaches.

`DATABASE_URL` is SQLAlchemy's, with an async driver. Each has ten connections to the tables that
`benchmarks.articles` fills, and asks who sends the token.
"""

import os
from typing import Final

DATABASE_URL: Final = os.environ["DATABASE_URL"]
POOL: Final = 10
