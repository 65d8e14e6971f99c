"""What a message knows of the company that sends it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class House:
    """The company's name for customers and the language it writes in when the person's is not known."""

    company_name: str
    locale: str
