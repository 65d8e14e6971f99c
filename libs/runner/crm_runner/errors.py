"""The one error a person at the terminal is meant to read."""


class RunnerError(Exception):
    """Says in one line what is wrong and what to do; the command prints it without a traceback."""
