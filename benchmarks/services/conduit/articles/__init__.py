"""The tables as an application of Django."""
