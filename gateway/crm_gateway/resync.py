"""Users and teams streamed to a copy that starts anew."""

from crm_chassis.database import Transaction
from crm_contracts import gateway as contract

from crm_gateway.teams import service as team_service
from crm_gateway.users import service as user_service

_FLUSH_EVERY = 1_000


async def users(tx: Transaction, to_queue: str) -> None:
    """Every user as they are now, to one queue."""
    count = 0
    async for row in user_service.every(tx):
        state = user_service.state(row, [])
        tx.redirect(to_queue, contract.USER_UPDATED, subject="user", id=row.id, sequence=row.version, data=state)
        count += 1
        if count % _FLUSH_EVERY == 0:
            await tx.flush()


async def teams(tx: Transaction, to_queue: str) -> None:
    """Every team as it is now, to one queue."""
    count = 0
    async for row in team_service.every(tx):
        state = team_service.state(row, [])
        tx.redirect(to_queue, contract.TEAM_CHANGED, subject="team", id=row.id, sequence=row.version, data=state)
        count += 1
        if count % _FLUSH_EVERY == 0:
            await tx.flush()
