"""Who tries the doors: signed-in users, each at the gateway and, with an internal token, at each service."""

import secrets
import time
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

import httpx
from crm_chassis.access.principal import Principal, Scope
from crm_chassis.access.tokens import TokenSigner
from crm_runner.demo.client import Client, Listener
from crm_runner.demo.company import Company
from crm_runner.processes import GATEWAY
from crm_runner.stack import Stack

_PASSWORD = "a-password-for-rights"
_TOKEN_S = 30.0
# Reads everything that is somebody's, changes nothing: what is seen and not changeable answers 403.
READER_GRANTS = {
    f"{noun}:read": "all"
    for noun in ("person", "company", "deal", "task", "call", "message", "report", "user", "team")
} | {
    f"{noun}:read": "all" for noun in ("product", "pipeline", "automation", "connection", "template")
}  # fmt: skip
CLERK_GRANTS = {"person:read": "all", "company:read": "all"}
DEALER_GRANTS = {"deal:read": "all", "pipeline:read": "all"}
STEWARD_GRANTS = {f"{noun}:{action}": "all" for noun in ("role", "user") for action in ("read", "create", "update")}
FOREMAN_GRANTS = {"user:read": "all", "user:update": "team"}
_ROLES: dict[str, dict[str, str]] = {
    "nobody": {},
    "reader": READER_GRANTS,
    "clerk": CLERK_GRANTS,
    "dealer": DEALER_GRANTS,
    "steward": STEWARD_GRANTS,
    "foreman": FOREMAN_GRANTS,
}


@dataclass
class User:
    """A signed-in user; `inner` is what the gateway would tell a service about them."""

    key: str
    client: Client
    stack: Stack
    _token: tuple[float, str] = (0.0, "")
    _doors: dict[str, httpx.Client] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The user's id."""
        return self.client.id

    def ask(self, door: str, method: str, path: str, **request: Any) -> httpx.Response:
        """The answer to this user at the gateway's door, or straight at a service's."""
        if door == GATEWAY:
            answer = self.client._http.request(method, path, **request)
            while answer.status_code == 429 and "retry-after" in answer.headers:
                time.sleep(float(answer.headers["retry-after"]))
                answer = self.client._http.request(method, path, **request)
            return answer
        headers = {"Authorization": f"Bearer {self._inner()}", **request.pop("headers", {})}
        return self._door(door).request(method, path, headers=headers, **request)

    def listen(self) -> Listener:
        """This user's live stream, open from now on."""
        return self.client.listen()

    def again(self) -> "User":
        """The same user in another session."""
        client = Client.sign_in(self.stack.gateway_url, self.client.user["email"], _PASSWORD)
        return User(self.key, client, self.stack)

    def close(self) -> None:
        """Connections are closed."""
        self.client.close()
        for door in self._doors.values():
            door.close()

    def _door(self, service: str) -> httpx.Client:
        if service not in self._doors:
            self._doors[service] = httpx.Client(base_url=self.stack.service_urls[service], timeout=30)
        return self._doors[service]

    def _inner(self) -> str:
        made_at, token = self._token
        if time.monotonic() - made_at > _TOKEN_S:
            user = self.client.get("/api/v1/sessions/current")["user"]
            token = TokenSigner(self.stack.secrets.internal_private_key).sign(
                Principal(
                    id=UUID(user["id"]),
                    role=user["role"],
                    team_id=UUID(user["team_id"]) if user["team_id"] else None,
                    grants={key: Scope(scope) for key, scope in user["grants"].items()},
                )
            )
            self._token = (time.monotonic(), token)
        return token


@dataclass(frozen=True)
class Cast:
    """Three teams and a few odd roles.

    `owner` has the things nobody else may see but `boss`, who leads the team; `nobody` sits in it without a single
    grant. `stranger` and `lead` work in another team and have nothing of their own, so that what they are told is not
    theirs; `writer` and `captain` are such two who may make things. `reader`, `clerk` and `dealer` have roles of
    their own; `steward` looks after users and roles, `foreman` after the users of the owner's team, and no more.
    """

    admin: User
    head: User
    owner: User
    boss: User
    nobody: User
    stranger: User
    lead: User
    writer: User
    captain: User
    reader: User
    clerk: User
    dealer: User
    steward: User
    foreman: User
    teams: dict[str, str]

    def close(self) -> None:
        """All doors are closed; the company's own people stay."""
        for each in fields(self):
            user = getattr(self, each.name)
            if isinstance(user, User) and user not in (self.admin, self.head):
                user.close()


def hire(stack: Stack, company: Company) -> Cast:
    """New people in new teams with new roles, so that no other test's things are theirs."""
    admin = User("admin", company.client("Nadja"), stack)
    tag = secrets.token_hex(3)
    teams = {}
    for name in ("Kranj", "Celje", "Koper"):
        teams[name] = admin.client.post("/api/v1/teams", {"name": f"{name} {tag}"})["id"]
    for role, grants in _ROLES.items():
        admin.client.post("/api/v1/roles", {"name": f"{role}_{tag}", "grants": grants})

    def hired(key: str, role: str, team: str | None) -> User:
        email = f"{key}-{tag}@rights.example"
        body = {"email": email, "name": f"{key.title()} {tag}", "role": role}
        user = admin.client.post("/api/v1/users", body | ({"team_id": teams[team]} if team else {}))
        first = admin.client.post(f"/api/v1/users/{user['id']}/one-time-password", None)["password"]
        new = Client.sign_in(stack.gateway_url, email, first)
        new.post("/api/v1/users/me/password", {"current_password": first, "new_password": _PASSWORD})
        return User(key, new, stack)

    return Cast(
        admin=admin,
        head=User("head", company.client("Marko"), stack),
        owner=hired("owner", "salesperson", "Kranj"),
        boss=hired("boss", "team_lead", "Kranj"),
        nobody=hired("nobody", f"nobody_{tag}", "Kranj"),
        stranger=hired("stranger", "salesperson", "Celje"),
        lead=hired("lead", "team_lead", "Celje"),
        writer=hired("writer", "salesperson", "Koper"),
        captain=hired("captain", "team_lead", "Koper"),
        reader=hired("reader", f"reader_{tag}", None),
        clerk=hired("clerk", f"clerk_{tag}", None),
        dealer=hired("dealer", f"dealer_{tag}", None),
        steward=hired("steward", f"steward_{tag}", None),
        foreman=hired("foreman", f"foreman_{tag}", "Kranj"),
        teams=teams,
    )
