from typing import Final

PROBLEM_JSON: Final = "application/problem+json"
"""The media type of a problem (RFC 9457, 3)."""
