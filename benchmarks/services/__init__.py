"""The same small service, one file for each framework, written as its documentation teaches."""
