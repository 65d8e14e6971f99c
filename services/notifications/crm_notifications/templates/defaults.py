"""The templates a new company starts with; `person_name` and `company_name` are always known."""

from typing import Any, Final

_GREETED: Final = "{% if person_name %} {{ person_name }}{% endif %}"


def _booked(locale: str, subject: str, *paragraphs: str) -> dict[str, Any]:
    return {
        "key": "measuring_booked",
        "locale": locale,
        "channel": "email",
        "subject": subject,
        "text": "\n\n".join(paragraphs) + "\n",
        "html": "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs) + "\n",
    }


def _sorry(locale: str, text: str) -> dict[str, Any]:
    return {
        "key": "missed_call_sorry",
        "locale": locale,
        "channel": "sms",
        "subject": None,
        "text": text,
        "html": None,
    }


DEFAULTS: Final[tuple[dict[str, Any], ...]] = (
    _booked(
        "en",
        "Your measuring is booked",
        f"Hello{_GREETED},",
        "your measuring is booked. Our colleague will call you before coming to agree on the exact time.",
        "If anything changes, just answer this letter or call us.",
        "{{ company_name }}",
    ),
    _booked(
        "ru",
        "Замер назначен",
        "Здравствуйте{% if person_name %}, {{ person_name }}{% endif %}!",
        "Ваш замер назначен. Перед выездом сотрудник позвонит вам, чтобы согласовать точное время.",
        "Если что-то изменится, ответьте на это письмо или позвоните нам.",
        "{{ company_name }}",
    ),
    _booked(
        "sl",
        "Izmera je dogovorjena",
        f"Pozdravljeni{_GREETED},",
        "vaša izmera je dogovorjena. Pred prihodom vas bo sodelavec poklical, da se dogovorita za točno uro.",
        "Če se kaj spremeni, odgovorite na to sporočilo ali nas pokličite.",
        "{{ company_name }}",
    ),
    # Without č, š and typographic quotes, so that the GSM alphabet fits and one SMS is enough.
    _sorry("en", "Sorry we missed your call. We will call you back shortly. {{ company_name }}"),
    _sorry("ru", "Простите, не успели ответить. Скоро перезвоним. {{ company_name }}"),
    _sorry("sl", "Oprostite, zgresili smo vas klic. Kmalu vas poklicemo. {{ company_name }}"),
)
