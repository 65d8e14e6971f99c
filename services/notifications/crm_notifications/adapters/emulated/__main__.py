"""python -m crm_notifications.adapters.emulated --port N --receipt-url URL: the emulated SMS gateway.

The key and the receipts' secret come from CRM_SMS_API_KEY and CRM_SMS_RECEIPT_SECRET, as on our side.
"""

import argparse
import os

import uvicorn

from crm_notifications.adapters.emulated.sms_gateway import SmsGateway


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m crm_notifications.adapters.emulated")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--receipt-url", default="", help="our /hooks/sms/{token}; without it no receipts are sent")
    given = parser.parse_args()
    gateway = SmsGateway(
        api_key=os.environ.get("CRM_SMS_API_KEY", ""),
        secret=os.environ.get("CRM_SMS_RECEIPT_SECRET", ""),
        receipt_url=given.receipt_url,
    )
    uvicorn.run(gateway.app, host=given.host, port=given.port, access_log=False, log_level="warning")


main()
