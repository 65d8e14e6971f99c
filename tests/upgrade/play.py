"""Founds the demo company or comes back to it, and plays the story once; a program of its own, run by either version.

Reads an order from standard input, as JSON; the environment is that of the gateway it talks to. Prints how to come
back to the company.
"""

import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import cast

from crm_runner import processes
from crm_runner.demo import story
from crm_runner.demo.company import API_KEY, Company, found, returned
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.stack import Stack

PASSWORD = "a-password-for-tests"


class Standing:
    """Of a stack, what founding a company asks for."""

    def __init__(self, gateway_url: str) -> None:
        self.gateway_url = gateway_url

    def run(self, name: str, *arguments: str) -> str:
        """As Stack.run."""
        return processes.run(name, os.environ, *arguments)


def main() -> None:
    """Do what was ordered."""
    order = json.load(sys.stdin)
    gateway_url = order["gateway_url"]
    with EmulatedPbx(order["pbx_port"], Path(order["log"])) as pbx, Mailbox(os.environ["CRM_SMTP_URL"]) as mailbox:
        company: Company
        if known := order["company"]:
            company = returned(gateway_url, PASSWORD, gateway_url + known["hook_path"], known["salt"])
        else:
            stack = cast(Stack, Standing(gateway_url))
            company = found(stack, password=PASSWORD, pbx_api_url=pbx.api_url, customers=False)
        with closing(company):
            pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt)
            story.play(company, pbx, mailbox, lambda line: print(line, file=sys.stderr), caller=order["caller"])
        print(json.dumps({"hook_path": company.hook_url.removeprefix(gateway_url), "salt": company.salt}))


if __name__ == "__main__":
    main()
