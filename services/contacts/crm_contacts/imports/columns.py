"""What columns of a file can be, and how other systems head them in English, Russian and Slovenian."""

from crm_chassis.imports.kinds import Field

_OWNER = Field(
    "owner",
    "Owner",
    kind="reference",
    synonyms=(
        "Responsible", "Responsible user", "Assigned to", "Assigned user", "Account owner", "Contact owner",
        "Lead owner", "Record owner", "Owner name", "Owner email", "Manager",
        "Ответственный", "Ответственный пользователь", "Ответственный менеджер", "Менеджер", "Владелец",
        "Lastnik", "Odgovorna oseba", "Odgovorni", "Skrbnik", "Zadolžen",
    ),
)  # fmt: skip

PERSON = (
    Field(
        "name",
        "Name",
        synonyms=(
            "Full name", "Contact", "Contact name", "Contact person", "Person", "Person name", "Display name",
            "Customer", "Customer name", "Client",
            "ФИО", "Ф.И.О.", "Полное имя", "Контакт", "Название контакта", "Контактное лицо", "Имя контакта", "Клиент",
            "Ime in priimek", "Priimek in ime", "Polno ime", "Kontakt", "Kontaktna oseba", "Oseba", "Stranka",
        ),
    ),
    Field("first_name", "First name", synonyms=("Given name", "Forename", "Имя", "Ime")),
    Field("middle_name", "Middle name", synonyms=("Additional name", "Second name", "Patronymic", "Отчество",
                                                  "Srednje ime")),
    Field("last_name", "Last name", synonyms=("Surname", "Family name", "Фамилия", "Priimek")),
    Field(
        "phone",
        "Phone",
        kind="phone",
        synonyms=(
            "Phone number", "Phone 1", "Phone 1 - Value", "Telephone", "Tel", "Tel.", "Mobile", "Mobile phone",
            "Mobile number", "Cell", "Cell phone", "Primary phone", "Person - Phone", "Contact phone",
            "Телефон", "Номер телефона", "Тел.", "Телефон 1", "Мобильный", "Мобильный телефон", "Сотовый",
            "Сотовый телефон", "Контактный телефон",
            "Telefon", "Telefonska številka", "Tel. št.", "Telefon 1", "Mobitel", "Mobilni telefon", "GSM",
            "Mobilna številka",
        ),
    ),
    Field(
        "phone_2",
        "Second phone",
        kind="phone",
        synonyms=(
            "Phone 2", "Phone 2 - Value", "Work phone", "Business phone", "Office phone", "Work direct phone",
            "Телефон 2", "Рабочий телефон", "Рабочий", "Второй телефон",
            "Telefon 2", "Službeni telefon", "Telefon v službi", "Drugi telefon",
        ),
    ),
    Field(
        "phone_3",
        "Third phone",
        kind="phone",
        synonyms=(
            "Phone 3", "Phone 3 - Value", "Home phone", "Other phone", "Alternative phone",
            "Телефон 3", "Домашний телефон", "Домашний", "Другой телефон", "Дополнительный телефон",
            "Telefon 3", "Domači telefon", "Telefon doma", "Drug telefon",
        ),
    ),
    Field(
        "email",
        "E-mail",
        kind="email",
        synonyms=(
            "Email", "Email address", "E-mail address", "Mail", "Email 1", "E-mail 1", "E-mail 1 - Value",
            "Primary email", "Person - Email", "Work email", "Work e-mail",
            "Эл. почта", "Электронная почта", "Почта", "Адрес электронной почты", "Рабочий email", "Рабочий e-mail",
            "Имейл",
            "E-pošta", "Elektronska pošta", "E-naslov", "Elektronski naslov", "E-poštni naslov", "Epošta",
        ),
    ),
    Field(
        "email_2",
        "Second e-mail",
        kind="email",
        synonyms=(
            "Email 2", "E-mail 2", "E-mail 2 - Value", "Other email", "Secondary email", "Personal email", "Home email",
            "Другой email", "Личный email", "Эл. почта 2", "Второй email",
            "Druga e-pošta", "E-pošta 2", "Osebna e-pošta",
        ),
    ),
    Field(
        "company",
        "Company",
        kind="reference",
        synonyms=(
            "Company name", "Organization", "Organisation", "Organization name", "Organization 1 - Name",
            "Account", "Account name", "Associated company", "Employer",
            "Компания", "Название компании", "Организация", "Фирма", "Предприятие", "Компания контакта",
            "Podjetje", "Ime podjetja", "Naziv podjetja", "Organizacija", "Firma", "Družba",
        ),
    ),
    _OWNER,
    Field(
        "source",
        "Source",
        synonyms=(
            "Lead source", "Contact source", "Original source", "Channel",
            "Источник", "Источник контакта", "Канал",
            "Vir", "Izvor", "Vir stika", "Kanal",
        ),
    ),
    Field(
        "locale",
        "Language",
        synonyms=("Preferred language", "Lang", "Locale", "Язык", "Язык общения", "Jezik"),
    ),
)  # fmt: skip

COMPANY = (
    Field(
        "name",
        "Name",
        required=True,
        synonyms=(
            "Company", "Company name", "Organization", "Organisation", "Organization name", "Account", "Account name",
            "Название", "Название компании", "Наименование", "Компания", "Организация", "Фирма",
            "Naziv", "Naziv podjetja", "Ime podjetja", "Podjetje", "Firma", "Organizacija", "Družba",
        ),
    ),
    Field(
        "phone",
        "Phone",
        kind="phone",
        synonyms=(
            "Phone number", "Phone 1", "Telephone", "Tel", "Tel.", "Company phone", "Main phone", "Office phone",
            "Work phone",
            "Телефон", "Номер телефона", "Тел.", "Телефон 1", "Рабочий телефон", "Телефон компании",
            "Telefon", "Telefonska številka", "Tel. št.", "Telefon 1", "Službeni telefon",
        ),
    ),
    Field(
        "phone_2",
        "Second phone",
        kind="phone",
        synonyms=(
            "Phone 2", "Other phone", "Mobile", "Mobile phone",
            "Телефон 2", "Другой телефон", "Мобильный телефон", "Мобильный",
            "Telefon 2", "Drug telefon", "Mobitel", "GSM",
        ),
    ),
    Field(
        "email",
        "E-mail",
        kind="email",
        synonyms=(
            "Email", "Email address", "E-mail address", "Mail", "Company email", "Work email",
            "Эл. почта", "Электронная почта", "Почта", "Адрес электронной почты", "Рабочий email", "Имейл",
            "E-pošta", "Elektronska pošta", "E-naslov", "Elektronski naslov", "Epošta",
        ),
    ),
    _OWNER,
)  # fmt: skip
