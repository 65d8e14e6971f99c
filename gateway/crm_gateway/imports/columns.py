"""Which columns a file of teams or users may have, and how other systems head them. Pure."""

from crm_chassis.imports.kinds import Field

TEAM = (
    Field(
        "name",
        "Name",
        required=True,
        synonyms=("team", "sales team", "команда", "отдел", "группа", "ekipa", "skupina", "tim"),
    ),
    Field("office", "Office", synonyms=("regional office", "branch", "region", "офис", "филиал", "pisarna", "enota")),
    Field(
        "lead",
        "Lead (e-mail or name)",
        kind="reference",
        synonyms=("lead", "manager", "head", "руководитель", "vodja"),
    ),
)
USER = (
    Field(
        "name",
        "Name",
        required=True,
        synonyms=("full name", "sales agent", "имя", "сотрудник", "ime", "ime in priimek"),
    ),
    Field("email", "E-mail", kind="email", required=True, synonyms=("e mail", "mail", "почта", "e pošta")),
    Field("role", "Role", synonyms=("роль", "vloga")),
    Field(
        "team",
        "Team (its name)",
        kind="reference",
        synonyms=("sales team", "команда", "отдел", "группа", "ekipa", "skupina", "tim"),
    ),
    Field("locale", "Language", synonyms=("locale", "язык", "jezik")),
)
