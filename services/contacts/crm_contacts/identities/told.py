"""Identities as events and the API tell them."""

from collections.abc import Iterable

from crm_contracts.contacts import Email, Phone

from crm_contacts.identities.rules import Identity


def phones(identities: Iterable[Identity]) -> list[Phone]:
    """The phones among them, in order."""
    return [
        Phone(id=own.id, e164=own.entry.value, raw=own.entry.raw, kind=own.entry.label)
        for own in identities
        if own.entry.kind == "phone"
    ]


def emails(identities: Iterable[Identity]) -> list[Email]:
    """The e-mail addresses among them, in order."""
    return [Email(id=own.id, address=own.entry.raw) for own in identities if own.entry.kind == "email"]


def lists_changed(one: Iterable[Identity], other: Iterable[Identity]) -> list[str]:
    """Which of `phones` and `emails` differ between two versions of a card."""
    before, after = tuple(one), tuple(other)
    return [
        *(["phones"] if phones(before) != phones(after) else []),
        *(["emails"] if emails(before) != emails(after) else []),
    ]
