"""Reading a parameter from what a request has beside its body. Each reader is made once."""

from collections.abc import Callable, Collection, Iterable, Sequence
from http.cookies import CookieError
from typing import Any, Final

from aiohttp import web

from webaio.exceptions import Fault, NotFound, ValidationError, pointer
from webaio.schemas._fault import Refused, below

from ._parameter import Parameter

Reader = Callable[[web.Request], Any]
Getter = Callable[[web.Request, str], Sequence[str]]


def reader_of(parameter: Parameter, claimed: Collection[str]) -> Reader:
    """Make the function that reads a parameter of the path, the query, a header or a cookie.

    `claimed` are the keys of the query that other parameters take, and a model does not. It raises
    `ValidationError` with the parameter's key in each pointer; for the path, `NotFound`.
    """
    if parameter.source == "path":
        return _path_reader(parameter)
    if parameter.schema.fields is not None:
        return _model_reader(parameter, claimed)
    return _texts_reader(parameter, _GETTERS[parameter.source])


def claimed_keys(parameters: Iterable[Parameter]) -> set[str]:
    """Name the keys of the query that parameters take for themselves, and a model does not."""
    return {
        each.key for each in parameters if each.source == "query" and each.schema.fields is None
    }


def _path_reader(parameter: Parameter) -> Reader:
    key, parse = parameter.key, parameter.schema.parse

    def read_text(request: web.Request) -> str:
        text = request.match_info[key]
        if not _is_unicode(text):
            raise NotFound
        return text

    def read(request: web.Request) -> Any:
        try:
            return parse(read_text(request))
        except Refused:
            raise NotFound from None

    return read_text if parameter.schema.is_text else read


def _texts_reader(parameter: Parameter, get: Getter) -> Reader:
    key, convert = parameter.key, parameter.schema.convert
    takes_many = parameter.schema.takes == "texts"

    def read(request: web.Request) -> Any:
        texts = get(request, key)
        if not texts:
            if parameter.is_required:
                raise ValidationError(errors=[Fault(pointer(key), "required", "Required")])
            return parameter.fallback()
        if len(texts) > 1 and not takes_many:
            raise ValidationError(errors=[_repeated(key)])
        _require_unicode(key, texts)
        try:
            return convert(texts if takes_many else texts[0])
        except ValidationError as error:
            raise ValidationError(errors=below(pointer(key), error)) from None

    return read


def _model_reader(parameter: Parameter, claimed: Collection[str]) -> Reader:
    convert = parameter.schema.convert
    takes_many = {each.name for each in parameter.schema.fields or () if each.takes == "texts"}
    names = {each.name for each in parameter.schema.fields or ()}

    def text_of(key: str, texts: Sequence[str]) -> str | Sequence[str]:
        """Give one text, or those of a key that takes many, or that nobody but the model knows."""
        is_many = key in takes_many or (len(texts) > 1 and key not in names)
        return texts if is_many else texts[0]

    def read(request: web.Request) -> Any:
        query = request.query
        texts = {key: query.getall(key) for key in query if key not in claimed}
        for key, each in texts.items():
            _require_unicode(key, each)
        is_absent = not parameter.is_required and names.isdisjoint(texts)
        faults = [_repeated(key) for key in names - takes_many if len(texts.get(key, ())) > 1]
        value = None
        try:
            value = convert({key: text_of(key, each) for key, each in texts.items()})
        except ValidationError as error:
            # Of a model that is not there, only what it forbids is a fault.
            faults += [each for each in error.errors if not is_absent or each.code == "unknown"]
        if faults:
            raise ValidationError(errors=faults)
        return parameter.fallback() if is_absent else value

    return read


def _query(request: web.Request, key: str) -> Sequence[str]:
    return request.query.getall(key, ())


def _header(request: web.Request, key: str) -> Sequence[str]:
    """Give the one value that the lines of a header are together (RFC 9110, 5.3)."""
    texts = request.headers.getall(key, ())
    return (", ".join(texts),) if texts else ()


def _cookie(request: web.Request, key: str) -> Sequence[str]:
    try:
        text = request.cookies.get(key)
    except CookieError:  # of older versions of aiohttp; later ones pass by what they cannot read
        text = None
    return () if text is None else (text,)


_GETTERS: Final[dict[str, Getter]] = {"query": _query, "header": _header, "cookie": _cookie}


def _repeated(key: str) -> Fault:
    return Fault(pointer(key), "repeated", "Given more than once, and one is taken")


def _require_unicode(key: str, texts: Sequence[str]) -> None:
    if not all(map(_is_unicode, texts)):
        raise ValidationError(errors=[Fault(pointer(key), "format", "Not valid UTF-8")])


def _is_unicode(text: str) -> bool:
    """Tell what came as UTF-8: aiohttp keeps other bytes as surrogates, which no JSON can hold."""
    return text.isascii() or not any("\ud800" <= each <= "\udfff" for each in text)
