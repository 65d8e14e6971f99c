"""The web client has a word in every language for all that an import can say, and its templates are understood."""

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from crm_chassis.imports.files.shape import ENCODINGS, NOTES, REFUSALS, Column
from crm_chassis.imports.kinds import Field
from crm_chassis.imports.mapping import proposed
from crm_chassis.problems import Conflict, Forbidden, NotFound, UnknownReference
from crm_contacts.imports.columns import COMPANY, PERSON
from crm_contacts.imports.drafts import CompanyCells, PersonCells
from crm_deals.imports.fields import DEAL, PRODUCT
from crm_deals.imports.rules import DateRefusal
from crm_gateway.imports.columns import TEAM, USER
from crm_gateway.teams.schemas import TeamCreate
from crm_gateway.users.schemas import UserCreate
from pydantic import BaseModel, ValidationError

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ru", "sl")
FIELDS: Mapping[str, Sequence[Field]] = {
    "people": PERSON, "companies": COMPANY, "deals": DEAL, "products": PRODUCT, "users": USER, "teams": TEAM,
}  # fmt: skip
FINDERS = [
    ROOT / "libs/chassis/crm_chassis/imports",
    *(ROOT / "services" / name / f"crm_{name}" / "imports" for name in ("contacts", "deals")),
    ROOT / "gateway/crm_gateway/imports",
]
# Of what teams and users refuse when a file makes, changes or takes back one.
REFUSED_BY_USE = [ROOT / f"gateway/crm_gateway/{noun}/service.py" for noun in ("teams", "users")]
NO_FINDING = {
    "password_changed": "a file sets no passwords",
    "unknown": "a row that waits says nothing yet",
}
ENDS = {"user_gone", "forbidden", "internal_error"}
BAD_TEXTS = ("", " ", "x" * 30_000, "a\x07b", "nobody", "a@b", "Ana@пример.испытание", "ЯЯ", "12")


def words(language: str) -> dict[str, Any]:
    """What the client says about imports."""
    found: dict[str, Any] = json.loads((ROOT / f"web/src/locales/{language}/words.json").read_text())["imports"]
    return found


def _strings(node: ast.expr) -> Iterator[str]:
    """Texts that the expression can be, as far as it is written out."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def written_codes(file: Path) -> set[str]:
    """Codes of findings that stand in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "Finding" and isinstance(node.args[1], ast.Constant | ast.IfExp):
            code = node.args[1]
            found |= (
                {str(code.value)} if isinstance(code, ast.Constant) else {*_strings(code.body), *_strings(code.orelse)}
            )
        elif name in ("refuse", "doubt") and isinstance(node.args[0], ast.Constant):
            found.add(str(node.args[0].value))
        found |= {text for key in node.keywords if key.arg == "code" for text in _strings(key.value)}
    return found


def refusals_of(model: type[BaseModel]) -> set[str]:
    """Why the model refuses the texts of a row."""
    found: set[str] = set()
    for name in model.model_fields:
        for text in BAD_TEXTS:
            lists = {"phones": [{"raw": text}], "emails": [{"address": text}]}
            for value in (lists.get(name, text),):
                try:
                    model.model_validate({name: value})
                except ValidationError as error:
                    found |= {each["type"] for each in error.errors() if _of_a_cell(each, value)}
    return found


def _of_a_cell(error: Any, value: object) -> bool:
    """Whether a file can bring the error about: its cells are texts, put where the field wants them."""
    by_hand = {"missing", "extra_forbidden", "list_type", "model_type", "dict_type", "string_type", "uuid_type"}
    return error["type"] not in by_hand and not error["type"].startswith("uuid")


def test_every_reason_has_a_word_and_no_word_is_without_its_reason() -> None:
    files = [file for folder in FINDERS for file in folder.rglob("*.py") if file.name not in ("api.py", "service.py")]
    codes = {code for file in (*files, *REFUSED_BY_USE) for code in written_codes(file)} - NO_FINDING.keys()
    codes |= {reason.value for reason in DateRefusal} | {"left_user", "beyond_own_rights"}
    codes |= {f"{why}_{noun}" for why in ("unknown", "several") for noun in ("product", "company", "person", "user")}
    for model in (PersonCells, CompanyCells, TeamCreate, UserCreate):
        codes |= refusals_of(model)
    # What any write can be refused with, when something changed between its judgement and its writing.
    codes |= {problem.code for problem in (Conflict, Forbidden, NotFound, UnknownReference)}
    assert set(words("en")["reason"]) == codes


def test_refusals_of_files_notes_and_fields_have_their_words() -> None:
    english = words("en")
    assert set(english["refusal"]) == {*REFUSALS, *ENDS}
    assert set(english["note"]) == set(NOTES)
    assert {kind: list(fields) for kind, fields in english["field"].items()} == {
        kind: [field.name for field in fields] for kind, fields in FIELDS.items()
    }
    offered = (ROOT / "web/src/features/imports/reading.ts").read_text()
    assert [name for name in ENCODINGS if f"name: '{name}'" not in offered] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", FIELDS)
def test_a_template_is_understood_to_its_last_column(kind: str, language: str) -> None:
    headers = words(language)["field"][kind].values()
    columns = [Column(index, header, "empty", ()) for index, header in enumerate(headers)]
    wanted = {field.name: index for index, field in enumerate(FIELDS[kind])}
    assert proposed(columns, FIELDS[kind]) == wanted
