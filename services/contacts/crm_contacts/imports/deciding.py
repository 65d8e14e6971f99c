"""What each row of a chunk is to do, from what the rows say and what stands there now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal
from uuid import UUID

from crm_chassis.access.principal import Principal
from crm_chassis.ids import new_id
from crm_chassis.imports.kinds import Finding, Judged, Verdict

from crm_contacts.imports import rules
from crm_contacts.imports.colleagues import Colleagues, Noun
from crm_contacts.imports.drafts import Draft
from crm_contacts.imports.repository import C
from crm_contacts.imports.rules import Candidate, Update


@dataclass(frozen=True, slots=True)
class Place:
    """The company a row names: its id, and the `key` by which rows agree on one that is still to be made."""

    id: UUID | None = None
    key: str = ""
    doubts: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen(Generic[C]):
    """What stands there: cards with their searchable names, and who has which phone, e-mail or name.

    `claimed` are keys of rows in chunks before, by `keys_of`.
    """

    colleagues: Colleagues
    cards: Mapping[UUID, tuple[C, str]]
    keys: Mapping[str, str]
    reached: Mapping[str, set[UUID]]
    named: Mapping[tuple[str, UUID | None], set[UUID]]
    places: Mapping[str, Place] = field(default_factory=dict)
    claimed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision(Generic[C]):
    """What a row does: `fields` of the card it makes, or of `card` that it changes."""

    judged: Judged
    card: C | None = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class About:
    """What a row is told apart by, as `Judged` says it; and how the card it is about is `called` when it is done."""

    draft: Draft
    reach: tuple[str, ...]
    meets: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    called: Mapping[UUID, str] = field(default_factory=dict)

    def named(self, id: UUID | None, name: str) -> "About":
        """The same, of a card that has this name from now on; `id` when it was there before."""
        return replace(self, takes=(*self.takes, name), called={**self.called, id: name} if id else {})


class Decider(Generic[C]):
    """Decides on the rows of one chunk, in their order. A noun says how rows are recognised without a phone.

    A file taken in a second time must change nothing. So which rows are the same hangs on what the file itself says
    wherever it can: who has a phone of an earlier row is a duplicate, whatever is known already. What a row found here
    is taken only by rows that count, and a name only as it is when the row is done.
    """

    def __init__(
        self,
        noun: Noun,
        seen: Seen[C],
        caller: Principal,
        default_owner: UUID,
        update: Update,
        *,
        by_name: Literal["else", "bare"],
    ) -> None:
        self._noun: Noun = noun
        self._seen = seen
        self._caller = caller
        self._default_owner = default_owner
        self._update: Update = update
        self._by_name = by_name
        self._claimed = dict(seen.claimed)
        self._called: dict[UUID, str] = {}

    def decide(self, draft: Draft) -> Decision[C]:
        """What the row does; nothing is raised for what stands in it."""
        doubts = list(draft.doubts)
        owner_id: UUID | None = None
        if draft.owner is not None:
            found = self._seen.colleagues.called(draft.owner)
            if not found and not draft.row.last_try:
                return Decision(Judged(draft.row, "waiting", plan=draft))
            if len(found) == 1 and found[0].active:
                owner_id = found[0].id
            else:
                doubts.append(_no_owner(found))
        place = self._seen.places.get(draft.company or "", Place())
        doubts += place.doubts
        return self._on(draft, owner_id, place, doubts)

    def _on(self, draft: Draft, owner_id: UUID | None, place: Place, doubts: list[Finding]) -> Decision[C]:
        """The decision for a row whose owner and company are known."""
        reach = tuple(key for entry in draft.entries if (key := rules.reach_key(entry)))
        found = rules.chosen(self._visible({id for key in reach for id in self._seen.reached.get(key, ())}))
        cards = tuple(_card_key(self._noun, each.id) for each in found)
        about = About(draft, reach, meets=cards)
        if not found and (self._by_name == "else" or not reach):
            name = _name_key(self._seen.keys[draft.name], place.key)
            named = self._seen.named.get((self._seen.keys[draft.name], place.id), set())
            pick = rules.namesakes if self._by_name == "bare" else rules.chosen
            found = pick(self._visible({id for id in named if self._called.get(id, name) == name}))
            about = About(draft, reach, meets=(name,), takes=tuple(_card_key(self._noun, each.id) for each in found))
        earlier = min((self._claimed[key] for key in (*reach, *about.meets) if key in self._claimed), default=None)
        if earlier is not None:
            finding = Finding("doubt", "same_as_row", f"Row {earlier} of this file is the same.")
            return self._done(About(draft, reach), "duplicate", [finding])
        if len(found) > 1:
            message = "Several cards have this phone, e-mail or name: merge them first."
            for each in found:
                about = about.named(each.id, self._name_of(each.id, {}, place))
            return self._done(about, "error", [*doubts, Finding("error", "several_match", message)])
        if not found:
            return self._new(about, owner_id, place, doubts)
        if not found[0].may_change:
            doubts.append(Finding("doubt", "not_yours", "The card is there already; you may see it, not change it."))
            return self._done(about.named(found[0].id, self._name_of(found[0].id, {}, place)), "same", doubts)
        return self._known(about, found[0].id, owner_id, place, doubts)

    def _new(self, about: About, owner_id: UUID | None, place: Place, doubts: list[Finding]) -> Decision[C]:
        draft = about.draft
        about = about.named(None, _name_key(self._seen.keys[draft.name], place.key))
        owner = owner_id or self._default_owner
        if not self._seen.colleagues.may_give(self._caller, self._noun, "create", owner):
            return self._done(about, "error", [*doubts, _NOT_ALLOWED])
        said = {"name": draft.name, "company_id": place.id, "owner_id": owner, "locale": draft.locale}
        fields = said | {"identities": rules.extended((), draft.entries, new_id)}
        return self._done(about, "create", doubts, fields=fields)

    def _known(self, about: About, id: UUID, owner_id: UUID | None, place: Place, doubts: list[Finding]) -> Decision[C]:
        draft, card = about.draft, self._seen.cards[id][0]
        said = {"name": draft.name, "company_id": place.id, "owner_id": owner_id, "locale": draft.locale}
        current = {name: getattr(card, name) for name in said if hasattr(card, name)}
        wanted = {name: value for name, value in said.items() if name in current}
        fields = rules.differing(current, wanted, self._update)
        if "owner_id" in fields:
            if not self._seen.colleagues.may_give(self._caller, self._noun, "update", fields["owner_id"]):
                return self._done(about.named(id, self._name_of(id, {}, place)), "error", [*doubts, _NOT_ALLOWED])
            if hasattr(card, "owner_source"):
                fields["owner_source"] = "human"
        about = about.named(id, self._name_of(id, fields, place))
        identities = rules.extended(card.identities, draft.entries, new_id)
        if len(identities) > len(card.identities):
            fields["identities"] = identities
        return self._done(about, "update" if fields else "same", doubts, card=card, fields=fields)

    def _name_of(self, id: UUID, fields: Mapping[str, Any], place: Place) -> str:
        """What tells the card by name once the fields are changed."""
        card, key = self._seen.cards[id]
        key = self._seen.keys[fields["name"]] if "name" in fields else key
        company = place.key if "company_id" in fields else str(getattr(card, "company_id", None) or "")
        return _name_key(key, company)

    def _visible(self, ids: set[UUID]) -> list[Candidate]:
        found = []
        for card, _ in (self._seen.cards[id] for id in ids if id in self._seen.cards):
            if self._may("read", card):
                bare = not any(identity.entry.value for identity in card.identities)
                found.append(Candidate(card.id, self._may("update", card), bare))
        return found

    def _may(self, action: str, card: C) -> bool:
        return self._seen.colleagues.may_reach(self._caller, self._noun, action, card.owner_id)

    def _done(
        self,
        about: About,
        verdict: Verdict,
        findings: Sequence[Finding],
        *,
        card: C | None = None,
        fields: dict[str, Any] | None = None,
    ) -> Decision[C]:
        """The decision; later rows of the chunk know of it. What is written by then would be found in a later chunk."""
        row = about.draft.row
        for key in (*about.reach, *about.meets, *about.takes):
            self._claimed.setdefault(key, row.number)
        self._called |= about.called
        judged = Judged(row, verdict, tuple(findings), about.reach, about.draft, meets=about.meets, takes=about.takes)
        return Decision(judged, card, fields or {})


def keys_of(noun: Noun, drafts: Sequence[Draft], seen: Seen[C]) -> set[str]:
    """Every key a decision on one of the drafts may look for."""
    reach = {key for draft in drafts for entry in draft.entries if (key := rules.reach_key(entry))}
    names = {_name_key(seen.keys[draft.name], seen.places.get(draft.company or "", Place()).key) for draft in drafts}
    return reach | names | {_card_key(noun, id) for id in seen.cards}


def _name_key(name: str, company: str) -> str:
    return f"name:{name}|{company}"


def _card_key(noun: Noun, id: UUID) -> str:
    return f"{noun}:{id}"


_NOT_ALLOWED = Finding("error", "owner_not_allowed", "You may not give cards to this user.", "owner")


def _no_owner(found: Sequence[Any]) -> Finding:
    if not found:
        return Finding("doubt", "unknown_user", "There is no such user.", "owner")
    if len(found) > 1:
        return Finding("doubt", "several_users", "Several users are called so.", "owner")
    return Finding("doubt", "user_left", "This user has left.", "owner")
