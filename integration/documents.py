"""The code blocks of documents, and what a console block of curl does."""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from integration.serving import request

PORT: Final = "8080"
_BOUNDARY: Final = "------------------------boundary"

BLOCK: Final = re.compile(
    r"(?:^`(?P<file>[\w./]+)`\n\n)?^```(?P<language>\w*)\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    file: str | None
    language: str
    code: str

    @property
    def commands(self) -> list[tuple[str, str]]:
        """The commands of a console block, each with the output that follows it."""
        _, *parts = re.split(r"^\$ (.+)\n", self.code, flags=re.MULTILINE)
        return list(zip(parts[::2], parts[1::2], strict=True))


def blocks_of(page: Path, port: str = PORT) -> list[Block]:
    text = page.read_text().replace(f":{PORT}", f":{port}").replace(f"port={PORT}", f"port={port}")
    return [
        Block(found["file"], found["language"], found["code"]) for found in BLOCK.finditer(text)
    ]


def curl(*arguments: str) -> str:
    """Do what curl does with these arguments; curl itself need not be installed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-d", dest="data")
    parser.add_argument("-F", dest="fields", action="append", default=[])
    parser.add_argument("-H", dest="headers", action="append", default=[])
    options = parser.parse_args(arguments)
    body = None if options.data is None else options.data.encode()
    headers = dict(header.split(": ", 1) for header in options.headers)
    if options.fields:
        body = f"{''.join(map(_part, options.fields))}--{_BOUNDARY}--\r\n".encode()
        headers["Content-Type"] = f"multipart/form-data; boundary={_BOUNDARY}"
    method = options.method or ("GET" if body is None else "POST")
    return request(method, options.url, body, headers)[1].decode()


def _part(field: str) -> str:
    """Write `title=Signos` or `cover=abc;filename=c.png;type=image/png` as a part of a form."""
    name, _, rest = field.partition("=")
    text, *words = rest.split(";")
    said = dict(each.split("=", 1) for each in words)
    filename = f'; filename="{said["filename"]}"' if "filename" in said else ""
    media_type = f"Content-Type: {said['type']}\r\n" if "type" in said else ""
    head = f'Content-Disposition: form-data; name="{name}"{filename}\r\n{media_type}'
    return f"--{_BOUNDARY}\r\n{head}\r\n{text}\r\n"
