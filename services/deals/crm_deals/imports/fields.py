"""What columns can be mapped to, and how other systems head them, in English, Russian and Slovenian."""

from crm_chassis.imports.kinds import Field

PRODUCT = (
    Field(
        "name",
        "Name",
        required=True,
        synonyms=("Product", "Product name", "Item", "Название", "Наименование", "Товар", "Продукт", "Номенклатура",
                  "Naziv", "Ime", "Izdelek", "Artikel"),
    ),
    Field(
        "sku",
        "SKU",
        synonyms=("Code", "Product code", "Item code", "Article", "Артикул", "Код", "Код товара", "Šifra",
                  "Koda", "Šifra izdelka"),
    ),
    Field(
        "price",
        "Price",
        kind="number",
        synonyms=("Sales price", "List price", "Unit price", "Цена", "Цена продажи", "Стоимость", "Cena",
                  "Prodajna cena"),
    ),
    Field("currency", "Currency", synonyms=("Валюта", "Valuta")),
    Field("active", "Active", kind="boolean", synonyms=("Is active", "On sale", "Активен", "В продаже", "Aktiven",
                                                        "V prodaji")),
)  # fmt: skip

DEAL = (
    Field(
        "number",
        "Number",
        synonyms=("ID", "Deal ID", "Opportunity ID", "External ID", "Record ID", "Deal number", "No", "Номер", "ИД",
                  "Номер сделки", "ID сделки", "Številka", "Številka posla", "ID posla"),
    ),
    Field(
        "title",
        "Title",
        synonyms=("Deal", "Deal name", "Opportunity", "Opportunity name", "Name", "Subject", "Название",
                  "Название сделки", "Сделка", "Тема", "Naziv", "Posel", "Naziv posla", "Zadeva"),
    ),
    Field(
        "stage",
        "Stage",
        kind="reference",
        synonyms=("Deal stage", "Sales stage", "Pipeline stage", "Status", "Этап", "Этап сделки", "Стадия",
                  "Стадия сделки", "Статус", "Stopnja", "Faza", "Stopnja posla"),
    ),
    Field(
        "product",
        "Product",
        kind="reference",
        synonyms=("Product name", "SKU", "Item", "Товар", "Продукт", "Услуга", "Izdelek", "Artikel", "Storitev"),
    ),
    Field(
        "company",
        "Company",
        kind="reference",
        synonyms=("Account", "Account name", "Company name", "Organization", "Organisation", "Customer", "Client",
                  "Компания", "Организация", "Клиент", "Контрагент", "Podjetje", "Organizacija", "Stranka"),
    ),
    Field(
        "person",
        "Person",
        kind="reference",
        synonyms=("Contact", "Contact name", "Contact person", "Контакт", "Контактное лицо", "Физлицо", "Oseba",
                  "Kontakt", "Kontaktna oseba"),
    ),
    Field(
        "owner",
        "Owner",
        kind="reference",
        synonyms=("Deal owner", "Sales agent", "Sales rep", "Salesperson", "Agent", "Assigned to", "Responsible",
                  "Ответственный", "Менеджер", "Владелец", "Lastnik", "Prodajalec", "Skrbnik", "Odgovorna oseba"),
    ),
    Field(
        "amount",
        "Amount",
        kind="number",
        synonyms=("Value", "Close value", "Deal value", "Deal amount", "Budget", "Сумма", "Сумма сделки", "Бюджет",
                  "Znesek", "Vrednost", "Vrednost posla"),
    ),
    Field("currency", "Currency", synonyms=("Валюта", "Valuta")),
    Field(
        "opened_on",
        "Opened on",
        kind="date",
        synonyms=("Engage date", "Created", "Created on", "Create date", "Creation date", "Created at", "Open date",
                  "Start date", "Дата создания", "Создана", "Дата начала", "Дата открытия", "Datum odprtja",
                  "Ustvarjeno", "Datum začetka"),
    ),
    Field(
        "closed_on",
        "Closed on",
        kind="date",
        synonyms=("Close date", "Closed", "Closed date", "Closed at", "Дата закрытия", "Закрыта", "Дата завершения",
                  "Datum zaprtja", "Zaprto", "Datum zaključka"),
    ),
    Field(
        "loss_reason",
        "Loss reason",
        synonyms=("Lost reason", "Reason lost", "Closed lost reason", "Причина отказа", "Причина проигрыша",
                  "Razlog izgube", "Razlog za izgubo"),
    ),
    Field(
        "expected_close_on",
        "Expected close on",
        kind="date",
        synonyms=("Expected close date", "Expected close", "Expected closing", "Forecast date",
                  "Ожидаемая дата закрытия", "Планируемая дата закрытия", "Predvideno zaprtje",
                  "Predvideni datum zaprtja"),
    ),
)  # fmt: skip
