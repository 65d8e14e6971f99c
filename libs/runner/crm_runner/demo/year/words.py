"""What the people of the demo are called, where they live and what they say, in three languages. No data of anybody."""

from typing import Final, Literal

Locale = Literal["sl", "ru", "en"]

# Given names with the sex a surname has to agree with.
GIVEN: Final[dict[Locale, tuple[tuple[str, str], ...]]] = {
    "sl": (
        *(
            (name, "m")
            for name in [
                "Luka",
                "Marko",
                "Janez",
                "Matej",
                "Rok",
                "Tomaž",
                "Andrej",
                "Gregor",
                "Blaž",
                "Primož",
                "Uroš",
                "Simon",
            ]
        ),
        *((name, "m") for name in ["Aljaž", "Jure", "Klemen", "Nejc", "Peter", "Aleš", "Boštjan", "Miha"]),
        *(
            (name, "f")
            for name in [
                "Maja",
                "Nina",
                "Katja",
                "Špela",
                "Eva",
                "Urška",
                "Tjaša",
                "Mateja",
                "Barbara",
                "Irena",
                "Alenka",
                "Mojca",
            ]
        ),
        *((name, "f") for name in ["Vesna", "Sara", "Neža", "Zala", "Lara", "Anja", "Petra", "Darja"]),
    ),
    "ru": (
        *(
            (name, "m")
            for name in [
                "Игорь",
                "Алексей",
                "Дмитрий",
                "Сергей",
                "Андрей",
                "Павел",
                "Николай",
                "Артём",
                "Михаил",
                "Виктор",
            ]
        ),
        *(
            (name, "f")
            for name in [
                "Ольга",
                "Елена",
                "Наталья",
                "Ирина",
                "Светлана",
                "Татьяна",
                "Марина",
                "Юлия",
                "Анна",
                "Екатерина",
            ]
        ),
    ),
    "en": (
        *((name, "m") for name in ["James", "Oliver", "Thomas", "William", "Henry", "Daniel", "Edward", "George"]),
        *((name, "f") for name in ["Emily", "Charlotte", "Sophie", "Alice", "Helen", "Margaret", "Lucy", "Claire"]),
    ),
}
SURNAMES: Final[dict[Locale, tuple[tuple[str, str], ...]]] = {
    "sl": tuple(
        (name, name)
        for name in [
            "Horvat",
            "Krajnc",
            "Zupančič",
            "Kovačič",
            "Mlakar",
            "Vidmar",
            "Golob",
            "Turk",
            "Božič",
            "Kralj",
            "Korošec",
            "Kotnik",
            "Rozman",
            "Pavlin",
            "Bizjak",
            "Hočevar",
            "Petek",
            "Oblak",
            "Žagar",
            "Kastelic",
            "Hribernik",
            "Zajc",
            "Jereb",
            "Sever",
            "Rupnik",
            "Šuštar",
            "Pirc",
            "Lah",
            "Kokalj",
            "Bregar",
        ]
    ),
    "ru": tuple(
        (name, f"{name}а")
        for name in [
            "Петров",
            "Соколов",
            "Морозов",
            "Волков",
            "Лебедев",
            "Козлов",
            "Новиков",
            "Орлов",
            "Киселёв",
            "Макаров",
            "Фролов",
            "Белов",
            "Тарасов",
            "Жуков",
        ]
    ),
    "en": tuple(
        (name, name)
        for name in [
            "Whitfield",
            "Barker",
            "Hughes",
            "Cooper",
            "Marsh",
            "Sinclair",
            "Fletcher",
            "Rhodes",
            "Preston",
            "Hayward",
            "Linton",
            "Ashby",
        ]
    ),
}
LATIN: Final = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфцыэ", "abvgdeziiklmnoprstufcye", strict=True)),
        **{"ё": "e", "ж": "zh", "х": "h", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"},
        **{"č": "c", "š": "s", "ž": "z", " ": ".", "'": ""},
    }
)
MAIL_DOMAINS: Final = ("posta.example", "dom.example", "druzina.example")

TOWNS: Final = (
    ("Ljubljana", 30), ("Maribor", 18), ("Kranj", 9), ("Celje", 8), ("Domžale", 6), ("Kamnik", 5), ("Ptuj", 5),
    ("Škofja Loka", 4), ("Vrhnika", 4), ("Koper", 4), ("Novo mesto", 4), ("Bled", 3), ("Grosuplje", 3),
)  # fmt: skip
FIRMS: Final = (
    "Hotel {town}", "Gradnje {name} d.o.o.", "Mizarstvo {name} s.p.", "Penzion {name}", "Gostilna pri {name}u",
    "Osnovna šola {town}", "Vrtec {town}", "Arhitektura {name} d.o.o.", "Upravnik {town} d.o.o.",
    "Zavod za mladino {town}", "Investicije {name} d.o.o.", "Dom starejših {town}",
)  # fmt: skip

# What a deal is about: by the product's SKU, in the customer's language.
GOODS: Final[dict[str, dict[Locale, str]]] = {
    "PVC-120": {"sl": "PVC okna", "ru": "Окна ПВХ", "en": "PVC windows"},
    "WOOD-120": {"sl": "Lesena okna", "ru": "Деревянные окна", "en": "Wooden windows"},
    "ROOF-78": {"sl": "Strešna okna", "ru": "Мансардные окна", "en": "Roof windows"},
    "DOOR-90": {"sl": "Balkonska vrata", "ru": "Балконная дверь", "en": "Balcony door"},
    "SHUT-1": {"sl": "Rolete", "ru": "Рольставни", "en": "Roller shutters"},
}
PLACES: Final[dict[Locale, tuple[str, ...]]] = {
    "sl": ("hiša", "stanovanje", "prenova", "novogradnja", "vikend"),
    "ru": ("дом", "квартира", "ремонт", "новостройка", "дача"),
    "en": ("house", "flat", "renovation", "new build", "holiday home"),
}

Occasion = Literal["first", "contact", "measuring", "offer", "contract", "won", "lost", "service"]
SAID: Final[dict[Locale, dict[Occasion, tuple[str, ...]]]] = {
    "sl": {
        "first": ("Zanima ga ponudba, pokliče še žena.", "Menjajo stara lesena okna.", "Našla nas je na spletu."),
        "contact": ("Dogovorjeni za ogled.", "Pošlje tloris po e-pošti.", "Prosi za klic po 16. uri."),
        "measuring": (
            "Izmera potrjena, parkirišče za hišo.",
            "Pozvonita naj dvakrat.",
            "Izmera prestavljena na petek.",
        ),
        "offer": ("Ponudba poslana, odloča se do konca tedna.", "Primerja s konkurenco.", "Prosi za 5 % popusta."),
        "contract": ("Pogodba je pri možu.", "Avans bo plačan v ponedeljek."),
        "won": ("Zadovoljni z montažo, priporočili nas bodo.", "Dogovorjen datum montaže."),
        "lost": ("Predrago.", "Odložili na prihodnje leto.", "Izbrali so drugega."),
        "service": ("Roleta se zatika, pride serviser.", "Vprašanje o garanciji.", "Nastavitev okova."),
    },
    "ru": {
        "first": ("Интересуется окнами на кухню.", "Меняют старые рамы.", "Нашёл нас по рекомендации соседа."),
        "contact": ("Договорились о замере.", "Пришлёт план квартиры.", "Просит звонить после шести."),
        "measuring": ("Замер подтверждён.", "Домофон не работает, звонить за 10 минут.", "Замер перенесли на пятницу."),
        "offer": ("Смета отправлена, решают с мужем.", "Сравнивает цены.", "Просит скидку за объём."),
        "contract": ("Договор на подписи.", "Аванс обещали в понедельник."),
        "won": ("Монтажом довольны.", "Договорились о дате монтажа."),
        "lost": ("Дорого.", "Отложили до весны.", "Выбрали другую фирму."),
        "service": ("Заедает створка, нужен мастер.", "Вопрос о гарантии."),
    },
    "en": {
        "first": ("Wants quiet windows for the street side.", "Renovating a farmhouse.", "A friend recommended us."),
        "contact": ("Agreed on a visit.", "Will send the floor plan.", "Prefers a call after five."),
        "measuring": ("Measuring confirmed, ring the lower bell.", "Moved the measuring to Friday."),
        "offer": ("Has the offer, decides this week.", "Compares with two others.", "Asks for a better price."),
        "contract": ("The contract is with the lawyer.", "The deposit comes on Monday."),
        "won": ("Happy with the fitting.", "Agreed on the fitting date."),
        "lost": ("Too expensive.", "Postponed until next year.", "Went elsewhere."),
        "service": ("A shutter is stuck.", "A question on the warranty."),
    },
}
NEXT_STEPS: Final[dict[Locale, dict[str, str]]] = {
    "sl": {
        "New": "Prvi klic: kaj potrebujejo",
        "Contacted": "Dogovoriti izmero",
        "Measuring": "Potrditi uro izmere",
        "Offer": "Preveriti, ali so si ogledali ponudbo",
        "Contract": "Spomniti na podpis pogodbe",
    },
    "ru": {
        "New": "Первый звонок: что нужно",
        "Contacted": "Договориться о замере",
        "Measuring": "Подтвердить время замера",
        "Offer": "Узнать, посмотрели ли смету",
        "Contract": "Напомнить о подписании договора",
    },
    "en": {
        "New": "First call: what do they need",
        "Contacted": "Agree on the measuring",
        "Measuring": "Confirm the hour of the measuring",
        "Offer": "Ask whether they have seen the offer",
        "Contract": "Remind them of the contract",
    },
}
LETTERS: Final[dict[Locale, tuple[str, str]]] = {
    "sl": ("Ponudba za okna", "Pozdravljeni, {name},\n\nponudba je pripravljena: {title}. Lahko vas jutri pokličem?\n"),
    "ru": ("Смета на окна", "Здравствуйте, {name}!\n\nСмета готова: {title}. Можно позвонить вам завтра?\n"),
    "en": ("Your offer", "Hello {name},\n\nthe offer is ready: {title}. May I call you tomorrow?\n"),
}
