"""Teams and users from a file: by the rules of the API, once, and given back."""

from typing import Any

from crm_chassis.ids import new_id
from crm_chassis.testing import Harness, eventually
from crm_contracts import gateway as contract
from crm_contracts.envelope import Lane

from .conftest import PASSWORD, Colleague, Staff
from .test_roles import make
from .test_users_and_teams import TEAMS, USERS, told


class File:
    """One colleague's import of one file through the door."""

    def __init__(self, gateway: Harness, who: Colleague, kind: str) -> None:
        self._gateway = gateway
        self._who = who
        self._path = f"/api/v1/imports/{kind}"
        self.job: dict[str, Any] = {}

    async def send(self, *lines: str) -> "File":
        """The file has been read."""
        text = "\n".join(lines).encode()
        answer = await self._gateway.client.post(
            self._path, params={"file_name": "staff.csv"}, content=text, headers=self._who.headers
        )
        assert answer.status_code == 202, answer.text
        self.job = answer.json()
        await self._until("ready")
        return self

    async def go(self, *steps: str) -> dict[str, int]:
        """Each step has been done; the counts after the last."""
        ends = {"check": "checked", "commit": "done", "undo": "undone"}
        for step in steps:
            headers = self._who.headers | {"If-Match": str(self.job["version"])}
            answer = await self._gateway.client.post(f"{self._path}/{self.job['id']}/{step}", headers=headers)
            assert answer.status_code == 200, answer.text
            self.job = answer.json()
            await self._until(ends[step], "failed")
        return {name: count for name, count in self.job["counts"].items() if ":" not in name}

    async def findings(self) -> list[tuple[str | None, list[str]]]:
        """Of each row its verdict and the codes of what was found."""
        url = f"{self._path}/{self.job['id']}/rows"
        page = (await self._gateway.client.get(url, headers=self._who.headers)).json()
        return [(row["verdict"], [finding["code"] for finding in row["findings"]]) for row in page["items"]]

    async def _until(self, *states: str) -> None:
        async def there() -> bool:
            url = f"{self._path}/{self.job['id']}"
            self.job = (await self._gateway.client.get(url, headers=self._who.headers)).json()
            return self.job["state"] in states

        await eventually(there, timeout=60)


async def test_teams_and_users_are_taken_in_once_told_on_the_bulk_lane_and_given_back(
    gateway: Harness, staff: Staff
) -> None:
    admin = await staff.hire("admin")
    mark = new_id().hex
    east, west = f"East {mark}", f"West {mark}"
    before = await gateway.rows("SELECT id, version FROM user_account ORDER BY id")
    teams = await File(gateway, admin, "teams").send("Team;Regional Office", f"{east};Kranj", f"{west};Koper")
    await teams.go("check", "commit")
    assert await teams.findings() == [("create", []), ("create", [])]
    people = (
        "Name,E-mail,Team,Role",
        f"Ana,ana{mark}@example.com,{east},team_lead",
        f"Bo,BO{mark}@example.com,{west},",
    )
    users = await File(gateway, admin, "users").send(*people)
    await users.go("check", "commit")
    found = await gateway.client.get(TEAMS, params={"name": east}, headers=admin.headers)
    (team,) = found.json()["items"]
    assert team["office"] == "Kranj"
    (ana,) = (await gateway.client.get(USERS, params={"team_id": team["id"]}, headers=admin.headers)).json()["items"]
    assert (ana["name"], ana["role"], ana["email"]) == ("Ana", "team_lead", f"ana{mark}@example.com")
    for guess in ("", PASSWORD):
        sent = {"email": ana["email"], "password": guess}
        assert (await gateway.client.post("/api/v1/sessions", json=sent)).status_code in (401, 422)
    (event,) = await told(gateway, contract.USER_CREATED, ana["id"])
    assert (event.lane, event.actor) == (Lane.BULK, f"user:{admin.id}")

    led = await File(gateway, admin, "teams").send(
        "Team,Lead", f"{east},ANA{mark}@example.com", f"{west},Nobody {mark}"
    )
    await led.go("check", "commit")
    assert await led.findings() == [("update", []), ("same", ["unknown_user"])]
    found = await gateway.client.get(f"{TEAMS}/{team['id']}", headers=admin.headers)
    assert (found.json()["lead_id"], found.json()["office"]) == (ana["id"], "Kranj")

    again = await File(gateway, admin, "users").send(*people)
    await again.go("check", "commit")
    assert [verdict for verdict, _ in await again.findings()] == ["same", "same"]

    listed = (await gateway.client.get("/api/v1/imports", headers=admin.headers)).json()["items"]
    assert [job["id"] for job in listed] == [each.job["id"] for each in (again, led, users, teams)]

    await led.go("undo")
    await users.go("undo")
    await teams.go("undo")
    assert await gateway.rows("SELECT id, version FROM user_account ORDER BY id") == before
    # The later file, though taken back, has changed one team since.
    assert [codes for _, codes in await teams.findings()] == [["changed_since"], []]
    left = await gateway.rows("SELECT name, lead_id FROM team WHERE name LIKE :mark", mark=f"%{mark}")
    assert left == [{"name": east, "lead_id": None}]
    assert len(await told(gateway, contract.USER_REMOVED, ana["id"])) == 1


async def test_an_undo_leaves_who_has_been_changed_or_has_signed_in_since(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    mark = new_id().hex
    names = [f"{name}{mark}@example.com" for name in ("a", "b", "c")]
    users = await File(gateway, admin, "users").send("Name,Email", *(f"X,{name}" for name in names))
    await users.go("check", "commit")
    rows = await gateway.rows("SELECT id, email FROM user_account WHERE email = ANY(:emails)", emails=names)
    ids = {row["email"]: row["id"] for row in rows}
    one = admin.headers | {"If-Match": "1"}
    await gateway.client.patch(f"{USERS}/{ids[names[0]]}", json={"name": "Y"}, headers=one)
    issued = await gateway.client.post(f"{USERS}/{ids[names[1]]}/one-time-password", headers=admin.headers)
    await staff.sign_in(names[1], issued.json()["password"])
    await users.go("undo")
    assert [codes for _, codes in await users.findings()] == [["changed_since"], ["user_in_use"], []]
    rows = await gateway.rows("SELECT email FROM user_account WHERE email = ANY(:emails)", emails=names)
    assert {row["email"] for row in rows} == set(names[:2])


async def test_a_file_gives_no_more_than_its_sender_may_and_says_what_it_can_not_take(
    gateway: Harness, staff: Staff
) -> None:
    admin = await staff.hire("admin")
    rights = {"user:read": "all", "user:create": "all"}
    role = await make(gateway, admin, rights)
    clerk, seller = await staff.hire(role), await staff.hire()
    mark = new_id().hex
    (taken,) = await gateway.rows("SELECT email FROM user_account WHERE id = :id", id=seller.id)
    lines = (
        f"A,a{mark}@example.com,{role},",
        f"B,b{mark}@example.com,admin,",
        f"C,c{mark}@example.com,emperor,",
        f"D,not an address,{role},",
        f",e{mark}@example.com,{role},",
        f"F,f{mark}@example.com,{role},Nowhere {mark}",
        f"A again,A{mark}@example.com,{role},",
        f"Renamed,{taken['email']},,",
    )
    users = await File(gateway, clerk, "users").send("Name,Email,Role,Team", *lines)
    await users.go("check")
    found = await users.findings()
    assert found == [
        ("create", []),
        ("error", ["beyond_own_rights"]),
        ("error", ["unknown_role"]),
        ("error", ["bad_address"]),
        ("error", ["missing"]),
        ("create", ["unknown_team"]),
        ("duplicate", ["same_as_row"]),
        ("error", ["forbidden"]),
    ]
    refused = await gateway.client.post(
        "/api/v1/imports/users", params={"file_name": "x.csv"}, content=b"Name", headers=seller.headers
    )
    assert refused.status_code == 403
    headers = admin.headers | {"If-Match": "1"}
    narrowed = await gateway.client.patch(f"/api/v1/roles/{role}", json={"grants": {}}, headers=headers)
    assert narrowed.status_code == 200
    await eventually(lambda: _may_not(gateway, clerk))
    hidden = await gateway.client.get(f"/api/v1/imports/users/{users.job['id']}", headers=admin.headers)
    assert hidden.status_code == 404


async def _may_not(gateway: Harness, clerk: Colleague) -> bool:
    answer = await gateway.client.get("/api/v1/users", headers=clerk.headers)
    items: list[Any] = answer.json()["items"]
    return items == []


async def test_rights_taken_away_end_an_import_of_users(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    role = await make(gateway, admin, {"user:create": "all"})
    clerk = await staff.hire(role)
    mark = new_id().hex
    users = await File(gateway, clerk, "users").send("Name,Email,Role", f"A,a{mark}@example.com,{role}")
    headers = admin.headers | {"If-Match": "1"}
    narrowed = await gateway.client.patch(f"/api/v1/roles/{role}", json={"grants": {}}, headers=headers)
    assert narrowed.status_code == 200
    await users.go("check")
    assert (users.job["state"], users.job["failure"]["code"]) == ("failed", "forbidden")


async def test_an_undo_gives_nobody_back_what_its_sender_does_not_hold_any_more(gateway: Harness, staff: Staff) -> None:
    admin, sender = await staff.hire("admin"), await staff.hire("admin")
    narrow = await make(gateway, admin, {"user:read": "all", "user:create": "all", "user:update": "all"})
    other = await staff.hire("admin")
    (kept,) = await gateway.rows("SELECT email FROM user_account WHERE id = :id", id=other.id)
    mark = new_id().hex
    users = await File(gateway, sender, "users").send(
        "Name,Email,Role", f"N,{kept['email']},{narrow}", f"M,m{mark}@example.com,{narrow}"
    )
    counts = await users.go("check", "commit")
    assert (counts["update"], counts["create"]) == (1, 1)

    demoted = await gateway.client.patch(
        f"{USERS}/{sender.id}", json={"role": narrow}, headers=admin.headers | {"If-Match": "1"}
    )
    assert demoted.status_code == 200, demoted.text
    await users.go("undo")
    assert [codes for _, codes in await users.findings()] == [["beyond_own_rights"], []]
    (row,) = await gateway.rows("SELECT role FROM user_account WHERE id = :id", id=other.id)
    assert row["role"] == narrow
    assert await gateway.rows("SELECT id FROM user_account WHERE email = :email", email=f"m{mark}@example.com") == []


async def test_a_file_touches_no_team_or_user_its_sender_could_not(gateway: Harness, staff: Staff) -> None:
    admin = await staff.hire("admin")
    mark = new_id().hex
    narrow = {"team:read": "own", "team:update": "own", "user:create": "all", "user:read": "own"}
    blind = await staff.hire(await make(gateway, admin, {"team:create": "all"} | narrow))
    seeing = await staff.hire(await make(gateway, admin, {"team:create": "all", "team:read": "all"}))
    for name, lead in (("Mine", str(blind.id)), ("Theirs", None)):
        body = {"name": f"{name} {mark}", "lead_id": lead}
        assert (await gateway.client.post(TEAMS, json=body, headers=admin.headers)).status_code == 201
    lines = ("Team,Office", f"Mine {mark},Kranj", f"Theirs {mark},Kranj")
    teams = await File(gateway, blind, "teams").send(*lines)
    await teams.go("check")
    assert await teams.findings() == [("update", []), ("error", ["name_taken"])]
    teams = await File(gateway, seeing, "teams").send(*lines)
    await teams.go("check")
    assert await teams.findings() == [("error", ["forbidden"])] * 2

    (taken,) = await gateway.rows("SELECT email FROM user_account WHERE id = :id", id=seeing.id)
    users = await File(gateway, blind, "users").send("Name,Email", f"Renamed,{taken['email']}")
    await users.go("check")
    assert await users.findings() == [("error", ["email_taken"])]


async def test_an_undo_changes_no_team_that_its_sender_may_not_change_any_more(gateway: Harness, staff: Staff) -> None:
    admin, sender = await staff.hire("admin"), await staff.hire("admin")
    name = f"Kept {new_id().hex}"
    await gateway.client.post(TEAMS, json={"name": name, "office": "Koper"}, headers=admin.headers)
    teams = await File(gateway, sender, "teams").send("Team,Office", f"{name},Kranj")
    assert (await teams.go("check", "commit"))["update"] == 1
    reading = await make(gateway, admin, {"team:create": "all", "team:read": "all"})
    headers = admin.headers | {"If-Match": "1"}
    demoted = await gateway.client.patch(f"{USERS}/{sender.id}", json={"role": reading}, headers=headers)
    assert demoted.status_code == 200, demoted.text
    await teams.go("undo")
    assert await teams.findings() == [("update", ["forbidden"])]
    assert await gateway.rows("SELECT office FROM team WHERE name = :name", name=name) == [{"office": "Kranj"}]
