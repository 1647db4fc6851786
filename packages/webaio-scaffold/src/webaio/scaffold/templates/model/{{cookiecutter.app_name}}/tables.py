#% filter replace("Artist", cookiecutter.resource_class)
#% filter replace('from sqlalchemy import String\nfrom sqlalchemy.orm import Mapped, mapped_column\n', cookiecutter.table_imports)
#% filter replace('    name: Mapped[str] = mapped_column(String(100))\n', cookiecutter.columns)
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from database import Base


class Artist(Base):
    __tablename__ = "{{ cookiecutter.resource }}"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
#% endfilter
#% endfilter
#% endfilter
