"""What each row of a chunk is to do, from what the rows say and what stands there now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    """What stands there: cards with their searchable names, and who has which phone, e-mail or name."""

    colleagues: Colleagues
    cards: Mapping[UUID, tuple[C, str]]
    keys: Mapping[str, str]
    reached: Mapping[str, set[UUID]]
    named: Mapping[tuple[str, UUID | None], set[UUID]]
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision(Generic[C]):
    """What a row does: `fields` of the card it makes, or of `card` that it changes."""

    judged: Judged
    card: C | None = None
    fields: dict[str, Any] = field(default_factory=dict)


class Decider(Generic[C]):
    """Decides on the rows of one chunk, in their order. A noun says how rows are recognised without a phone."""

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
        self._claimed: dict[str, int] = {}
        self._nearly: dict[str, int] = {}

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
        reach = [key for entry in draft.entries if (key := rules.reach_key(entry))]
        name = f"name:{self._seen.keys[draft.name]}|{place.key}"
        found = rules.chosen(self._visible({id for key in reach for id in self._seen.reached.get(key, ())}))
        keys = reach
        if not found and (self._by_name == "else" or not reach):
            named = self._seen.named.get((self._seen.keys[draft.name], place.id), set())
            pick = rules.namesakes if self._by_name == "bare" else rules.chosen
            found = pick(self._visible(named))
            keys = [*reach, name]
        keys += [f"{self._noun}:{each.id}" for each in found]
        if len(found) > 1:
            message = "Several cards have this phone, e-mail or name: merge them first."
            return self._done(draft, "error", [*doubts, Finding("error", "several_match", message)], keys)
        earlier = self._claim(keys, name, bare=not reach, row=draft.row.number)
        if earlier is not None:
            finding = Finding("doubt", "same_as_row", f"Row {earlier} of this file is the same.")
            return self._done(draft, "duplicate", [finding], keys)
        if not found:
            return self._new(draft, owner_id, place, doubts, keys)
        if not found[0].may_change:
            doubts.append(Finding("doubt", "not_yours", "The card is there already; you may see it, not change it."))
            return self._done(draft, "same", doubts, keys)
        return self._known(draft, self._seen.cards[found[0].id][0], owner_id, place, doubts, keys)

    def _new(
        self, draft: Draft, owner_id: UUID | None, place: Place, doubts: list[Finding], keys: list[str]
    ) -> Decision[C]:
        owner = owner_id or self._default_owner
        if not self._seen.colleagues.may_give(self._caller, self._noun, "create", owner):
            return self._done(draft, "error", [*doubts, _NOT_ALLOWED], keys)
        said = {"name": draft.name, "company_id": place.id, "owner_id": owner, "locale": draft.locale}
        fields = said | {"identities": rules.extended((), draft.entries, new_id)}
        return self._done(draft, "create", doubts, keys, fields=fields)

    def _known(
        self,
        draft: Draft,
        card: C,
        owner_id: UUID | None,
        place: Place,
        doubts: list[Finding],
        keys: list[str],
    ) -> Decision[C]:
        said = {"name": draft.name, "company_id": place.id, "owner_id": owner_id, "locale": draft.locale}
        current = {name: getattr(card, name) for name in said if hasattr(card, name)}
        wanted = {name: value for name, value in said.items() if name in current}
        fields = rules.differing(current, wanted, self._update)
        if "owner_id" in fields:
            if not self._seen.colleagues.may_give(self._caller, self._noun, "update", fields["owner_id"]):
                return self._done(draft, "error", [*doubts, _NOT_ALLOWED], keys)
            if hasattr(card, "owner_source"):
                fields["owner_source"] = "human"
        identities = rules.extended(card.identities, draft.entries, new_id)
        if len(identities) > len(card.identities):
            fields["identities"] = identities
        return self._done(draft, "update" if fields else "same", doubts, keys, card=card, fields=fields)

    def _visible(self, ids: set[UUID]) -> list[Candidate]:
        found = []
        for card, _ in (self._seen.cards[id] for id in ids if id in self._seen.cards):
            if self._may("read", card):
                bare = not any(identity.entry.value for identity in card.identities)
                found.append(Candidate(card.id, self._may("update", card), bare))
        return found

    def _may(self, action: str, card: C) -> bool:
        return self._seen.colleagues.may_reach(self._caller, self._noun, action, card.owner_id)

    def _claim(self, keys: Sequence[str], name: str, *, bare: bool, row: int) -> int | None:
        """The earlier row of this chunk that is the same; what is written by then would be found in a later chunk."""
        met = [self._claimed[key] for key in keys if key in self._claimed]
        if bare and name in self._nearly:
            met.append(self._nearly[name])
        for key in keys:
            self._claimed.setdefault(key, row)
        self._nearly.setdefault(name, row)
        return min(met, default=None)

    def _done(
        self,
        draft: Draft,
        verdict: Verdict,
        findings: Sequence[Finding],
        keys: Sequence[str],
        *,
        card: C | None = None,
        fields: dict[str, Any] | None = None,
    ) -> Decision[C]:
        judged = Judged(draft.row, verdict, tuple(findings), tuple(dict.fromkeys(keys)), draft)
        return Decision(judged, card, fields or {})


_NOT_ALLOWED = Finding("error", "owner_not_allowed", "You may not give cards to this user.", "owner")


def _no_owner(found: Sequence[Any]) -> Finding:
    if not found:
        return Finding("doubt", "unknown_user", "There is no such user.", "owner")
    if len(found) > 1:
        return Finding("doubt", "several_users", "Several users are called so.", "owner")
    return Finding("doubt", "user_left", "This user has left.", "owner")
