from types import FunctionType


def function_in(member: object) -> FunctionType | None:
    """Give the function inside a staticmethod or classmethod, so that the order does not matter."""
    inner = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
    return inner if isinstance(inner, FunctionType) else None
