"""Artists in a database, one file for each framework, written as its documentation teaches.

`DATABASE_URL` is SQLAlchemy's, with an async driver. Who has a pool has ten connections in it.
"""

import os
from typing import Final

DATABASE_URL: Final = os.environ["DATABASE_URL"]
POOL: Final = 10
