"""`crm demo`: the company with its PBX ringing, or (`--check`) the story once and nothing left behind."""

import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from crm_runner import journal as journals
from crm_runner.demo import story
from crm_runner.demo.company import API_KEY, CUSTOMERS, LINE_SALES, STAFF, Company, found, returned, save_password
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.demo.sounds import lay_out
from crm_runner.errors import RunnerError
from crm_runner.journal import Journal
from crm_runner.ports import Ports
from crm_runner.signals import one_interrupt
from crm_runner.stack import Stack

RING_EVERY_S = (4.0, 9.0)

TRY = """
The demo company is running.
  gateway    {gateway}     (API: {gateway}/docs, events: {gateway}/asyncapi)
  password   {password}     (everybody's)
  users      {users}

Its emulated PBX rings every few seconds. Try, in another terminal:
  TOKEN=$(curl -s {gateway}/api/v1/sessions -H 'Content-Type: application/json' \\
    -d '{{"email":"{ana}","password":"{password}","transport":"bearer"}}' \\
    | python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])')
  curl -sN {gateway}/api/v1/live -H "Authorization: Bearer $TOKEN"               # who is ringing
  curl -s '{gateway}/api/v1/tasks?status=open' -H "Authorization: Bearer $TOKEN"   # whom to call back
  curl -s '{gateway}/api/v1/search?q=mojca' -H "Authorization: Bearer $TOKEN"      # find a customer
  curl -s {gateway}/api/v1/board -H "Authorization: Bearer $TOKEN"               # the funnel's columns
Ctrl-C stops everything.
"""


def demo(*, check: bool, data_dir: Path) -> None:
    """The company runs until Ctrl-C; or, with `check`, the story was played once and nothing of it is left."""
    with one_interrupt():
        if check:
            _check()
        else:
            _run(data_dir)


def _check() -> None:
    print("demo check: starting everything in a temporary folder", flush=True)
    with tempfile.TemporaryDirectory(prefix="crm-demo-") as folder, _standing(Path(folder), ephemeral=True) as parts:
        stack, pbx, mailbox = parts
        password = save_password(Path(folder) / "password")
        company = found(stack, password=password, pbx_api_url=pbx.api_url, customers=False)
        try:
            sounds = lay_out(Path(folder) / "sounds")
            pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt, recordings=sounds)
            stack.journal.say("the story begins")
            story.play(company, pbx, mailbox, stack.journal.say)
        finally:
            company.close()
    print("demo check: the story held, step by step; everything is stopped and removed", flush=True)


def _run(data_dir: Path) -> None:
    with _standing(data_dir, ephemeral=False) as (stack, pbx, mailbox):
        say = stack.journal.say
        password = save_password(data_dir / "password")
        company = _company(data_dir / "company.json", stack, pbx, password)
        try:
            sounds = lay_out(data_dir / "sounds")
            pbx.start(hook_url=company.hook_url, api_key=API_KEY, salt=company.salt, recordings=sounds)
            users = ", ".join(f"{c.email} ({c.role})" for c in STAFF)
            print(TRY.format(gateway=stack.gateway_url, password=password, users=users, ana=STAFF[3].email), flush=True)
            _ring_for_ever(pbx, say)
        except KeyboardInterrupt:
            say(f"stopping; {len(mailbox.messages)} mails were caught")
        finally:
            company.close()


@contextmanager
def _standing(data_dir: Path, *, ephemeral: bool) -> Iterator[tuple[Stack, EmulatedPbx, Mailbox]]:
    """Servers, services, mail catcher and the emulated PBX (known, not yet started); all gone afterwards."""
    with ExitStack() as parts:
        journal = Journal(data_dir / "log" / "crm.log", journals.console())
        parts.callback(journal.close)
        ports = Ports(None if ephemeral else data_dir / "pbx-ports.json")
        # What the services do each second would bury what the demo tells.
        quiet = {"CRM_LOG_LEVEL": os.environ.get("CRM_LOG_LEVEL", "warning")}
        stack = parts.enter_context(Stack(data_dir, quiet, ephemeral=ephemeral, journal=journal))
        mailbox = parts.enter_context(Mailbox(stack.smtp_url))
        pbx = parts.enter_context(EmulatedPbx(ports.take("pbx"), data_dir / "log" / "pbx.log"))
        yield stack, pbx, mailbox


def _company(kept: Path, stack: Stack, pbx: EmulatedPbx, password: str) -> Company:
    if kept.exists():
        known = json.loads(kept.read_text())
        stack.journal.say("the company of last time is still here")
        return returned(stack.gateway_url, password, stack.gateway_url + known["hook_path"], known["salt"])
    stack.journal.say("founding the company")
    company = found(stack, password=password, pbx_api_url=pbx.api_url, customers=True)
    kept.touch(0o600)
    kept.write_text(json.dumps({"hook_path": company.hook_url.removeprefix(stack.gateway_url), "salt": company.salt}))
    return company


def _ring_for_ever(pbx: EmulatedPbx, say: Callable[[str], None]) -> None:
    while True:
        time.sleep(random.uniform(*RING_EVERY_S))
        known = random.random() < 0.5
        caller = random.choice(CUSTOMERS)[1] if known else f"+38641{random.randrange(100_000, 999_999)}"
        script = random.choice(["answer", "answer", "ring-no-answer"])
        say(f"{caller} rings {LINE_SALES}")
        try:
            pbx.ring(caller, LINE_SALES, random.sample(["100", "101", "102"], 2), script, ring_s=4, talk_s=8)
        except RunnerError as error:
            say(str(error))
