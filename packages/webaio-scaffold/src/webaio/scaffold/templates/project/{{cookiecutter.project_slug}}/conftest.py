"""Settings and fixtures of all tests; pytest imports the project's modules from this folder."""
