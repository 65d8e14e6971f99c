"""The reader of contacts.call.linked: whose card a call belongs to, which overwrites our own hint.

A derived value: it bumps no version and is told to nobody. A call nobody answered belongs to the card's owner.
"""

from collections.abc import Sequence

from crm_chassis.aliases import resolve_many
from crm_chassis.database import Transaction
from crm_chassis.decode import newest_per_subject
from crm_contracts.contacts import CallLinked
from crm_contracts.envelope import Envelope

from crm_telephony.calls import repository
from crm_telephony.calls.service import NOUN


async def apply_links(tx: Transaction, events: Sequence[Envelope]) -> None:
    """Each call names the card, and its owner, that its newest link tells; older links change nothing."""
    links = [(CallLinked.model_validate(event.data), event.sequence) for event in newest_per_subject(events)]
    lives = await resolve_many(tx.connection, NOUN, [link.call_id for link, _ in links])
    rows = [
        {
            "p_id": lives[link.call_id],
            "p_person": link.person_id,
            "p_owner": link.owner_id,
            "p_sequence": sequence,
        }
        for link, sequence in links
    ]
    await repository.link(tx, sorted(rows, key=lambda row: row["p_id"]))
