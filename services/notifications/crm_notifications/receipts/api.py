"""/hooks/sms/{token}: what became of an SMS, told by the gateway, let through by ours."""

from crm_chassis.clock import now
from crm_chassis.http import JSON, Caller, Tx, field_errors
from crm_chassis.problems import Invalid, NotFound, TooLarge, Unauthorized
from fastapi import APIRouter, Request
from pydantic import ValidationError

from crm_notifications.receipts import rules
from crm_notifications.receipts.schemas import ReceiptIn, ReceiptTaken
from crm_notifications.sending import service
from crm_notifications.settings import NotificationsSettings


def receipts_router(settings: NotificationsSettings) -> APIRouter:
    """The receipt hook; not under /api/v1, and for the system's own callers only."""
    router = APIRouter(tags=["hooks"])
    our_token = settings.sms_receipt_token.get_secret_value()
    secret = settings.sms_receipt_secret.get_secret_value()

    @router.post(
        "/hooks/sms/{token}",
        response_model=ReceiptTaken,
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": ReceiptIn.model_json_schema()}}}},
    )
    async def take_receipt(caller: Caller, tx: Tx, request: Request, token: str) -> JSON:
        """The message stands as the highest of all receipts says; a receipt told again changes nothing."""
        if not caller.is_system or not rules.is_our_token(our_token, token):
            raise NotFound
        raw = await request.body()
        if len(raw) > rules.MAX_BODY:
            raise TooLarge(f"At most {rules.MAX_BODY} bytes are taken.")
        if not rules.is_genuine(secret, raw, request.headers.get("x-signature")):
            raise Unauthorized("The signature does not fit the body.", code="bad_signature")
        try:
            receipt = ReceiptIn.model_validate_json(raw)
        except ValidationError as error:
            raise Invalid(field_errors(error.errors())) from error
        status = await service.record_receipt(
            tx, receipt.id, rules.meaning(receipt.status), _clean(receipt.error), receipt.at, now()
        )
        if status is None:
            raise NotFound
        return JSON({"status": status})

    return router


def _clean(text: str | None) -> str | None:
    return text.replace("\x00", "") if text else None
