"""Telephony: PBX connections, the calls made of their webhooks, and click-to-call."""
