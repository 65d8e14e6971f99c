"""Places whose question changes no answer, and why. Each reason is an argument, not a wish."""

EQUIVALENT: dict[str, str] = {}
