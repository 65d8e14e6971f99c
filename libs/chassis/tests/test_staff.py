"""The copy of who works here: the newest state whatever the order, and what somebody may do by it."""

import random
from typing import Any
from uuid import UUID

import pytest
from crm_chassis.access.grants import NotToldYet, principal_now
from crm_chassis.access.principal import Scope
from crm_chassis.access.staff import apply_staff
from crm_chassis.ids import new_id
from crm_chassis.testing import Harness
from crm_contracts import gateway
from crm_contracts.base import Removed
from crm_contracts.envelope import Envelope

TABLES = ("staff_member", "staff_team", "staff_role", "removed")


class Office:
    """The gateway's events about one user, one team and one role."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.user_id, self.team_id, self.role_id = new_id(), new_id(), new_id()
        self.role_name = f"role_{self.role_id.hex}"

    def user(self, version: int, type: str = gateway.USER_UPDATED, **changes: Any) -> Envelope:
        """The user as of a version."""
        known: dict[str, Any] = {"role": self.role_name, "team_id": self.team_id, "locale": "en", "active": True}
        pii = gateway.UserPii(name=f"v{version}", email="a@example.com")
        state = gateway.UserState(id=self.user_id, version=version, pii=pii, **known | changes)
        return self.harness.event(type, state, subject="user", id=self.user_id, sequence=version)

    def team(self, version: int) -> Envelope:
        """The team as of a version."""
        state = gateway.TeamState(id=self.team_id, name=f"v{version}", lead_id=self.user_id, version=version)
        return self.harness.event(gateway.TEAM_CHANGED, state, subject="team", id=self.team_id, sequence=version)

    def role(self, version: int, **grants: str) -> Envelope:
        """The role as of a version; `deal_read="own"` grants "deal:read"."""
        told = {name.replace("_", ":"): scope for name, scope in grants.items()}
        state = gateway.RoleState(id=self.role_id, name=self.role_name, grants=told, version=version)
        return self.harness.event(gateway.ROLE_CHANGED, state, subject="role", id=self.role_id, sequence=version)

    def removal(self, type: str, id: UUID, version: int) -> Envelope:
        """The user or team is no more."""
        noun = type.split(".")[1]
        return self.harness.event(
            type, Removed(id=id, owner_id=None, version=version), subject=noun, id=id, sequence=version
        )

    async def told(self, *batches: list[Envelope]) -> None:
        """The batches were applied, each in a transaction of its own."""
        for batch in batches:
            async with self.harness.database.transaction() as tx:
                await apply_staff(tx, batch)

    async def copies(self) -> dict[str, list[dict[str, Any]]]:
        """What the copies say of the three."""
        ids = [self.user_id, self.team_id, self.role_id]
        query = "SELECT * FROM {} WHERE id = ANY(:ids) ORDER BY id"
        return {table: await self.harness.rows(query.format(table), ids=ids) for table in TABLES}


@pytest.fixture
def office(harness: Harness) -> Office:
    """Three subjects nobody has heard of yet."""
    return Office(harness)


@pytest.mark.parametrize("seed", range(40))
async def test_any_order_and_repetition_of_events_gives_the_same_staff(harness: Harness, seed: int) -> None:
    chance = random.Random(seed)
    office = Office(harness)
    user_goes, team_goes = bool(seed % 2), seed % 4 > 1
    history = [office.user(version) for version in (1, 2, 3)] + [office.team(version) for version in (1, 2)]
    history += [office.role(3, deal_read="own"), office.role(4, deal_read="team"), office.role(5)]
    if user_goes:
        history.append(office.removal(gateway.USER_REMOVED, office.user_id, 4))
    if team_goes:
        history.append(office.removal(gateway.TEAM_REMOVED, office.team_id, 3))

    shuffled = history + chance.choices(history, k=4)
    chance.shuffle(shuffled)
    cuts = sorted(chance.sample(range(len(shuffled)), 3))
    await office.told(*(shuffled[start:end] for start, end in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)))

    copies = await office.copies()
    assert [row["name"] for row in copies["staff_member"]] == ([] if user_goes else ["v3"])
    assert [row["name"] for row in copies["staff_team"]] == ([] if team_goes else ["v2"])
    assert [(row["grants"], row["version"]) for row in copies["staff_role"]] == [({}, 5)]
    assert sorted(row["noun"] for row in copies["removed"]) == ["team"] * team_goes + ["user"] * user_goes


async def test_a_removal_that_comes_before_the_creation_keeps_the_user_away(office: Office) -> None:
    await office.told([office.removal(gateway.USER_REMOVED, office.user_id, 2)], [office.user(1, gateway.USER_CREATED)])
    assert (await office.copies())["staff_member"] == []


async def test_the_queue_of_the_staff_brings_roles_and_removals(office: Office) -> None:
    harness = office.harness
    await harness.deliver(office.role(1, deal_read="all"), office.user(1, gateway.USER_CREATED), office.team(1))
    await harness.deliver(office.removal(gateway.TEAM_REMOVED, office.team_id, 2))
    await harness.idle("sample.users")
    copies = await office.copies()
    assert [len(copies[table]) for table in TABLES] == [1, 0, 1, 1]


async def test_what_a_later_version_tells_is_not_taken_for_a_user(office: Office) -> None:
    strange = office.harness.event("gateway.user.renamed.v9", {}, subject="user", id=office.user_id)
    with pytest.raises(ValueError, match="renamed"):
        await office.told([office.user(1), strange])
    assert (await office.copies())["staff_member"] == []


async def test_somebodys_rights_are_those_of_their_role_today(office: Office) -> None:
    async def now() -> Any:
        with office.harness.statements() as seen:
            async with office.harness.database.read() as connection:
                principal = await principal_now(connection, office.user_id)
        assert len(seen) == 1 or principal is None
        return principal

    # Copies are a moment behind: whom or what they lack may be about to come.
    with pytest.raises(NotToldYet):
        await now()
    await office.told([office.user(1)])
    with pytest.raises(NotToldYet):
        await now()
    await office.told([office.role(1, deal_read="own", person_create="all")])
    found = await now()
    assert (found.id, found.role, found.team_id) == (office.user_id, office.role_name, office.team_id)
    assert found.grants == {"deal:read": Scope.OWN, "person:create": Scope.ALL}
    await office.told([office.role(2, deal_read="team")])
    assert (await now()).grants == {"deal:read": Scope.TEAM}
    await office.told([office.user(2, gateway.USER_LEFT, active=False)])
    assert await now() is None
    await office.told([office.user(3)])
    assert await now() is not None
    await office.told([office.removal(gateway.USER_REMOVED, office.user_id, 4)])
    assert await now() is None
