class ImproperlyConfigured(Exception):
    """What was declared cannot work: says where, what and how to mend it.

    Raised at import or registration, never while a request is served.

    >>> print(ImproperlyConfigured("Artists.list", "it is not async", "Write `async def`"))
    Artists.list: it is not async. Write `async def`.
    """

    def __init__(self, where: str, what: str, fix: str) -> None:
        super().__init__(where, what, fix)
        self.where = where
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.fix}."
