"""`crm demo`: the company with its year and its telephone, or (`--check`) the story once and nothing left behind."""

import tempfile
import time
from pathlib import Path

from crm_runner.demo import story
from crm_runner.demo.company import STAFF
from crm_runner.demo.site import Site
from crm_runner.demo.year.shape import FULL
from crm_runner.signals import one_interrupt

TRY = """
The demo company is running: open {gateway} and pick somebody to be.
  password   {password}     (everybody's)
  users      {users}
  API        {gateway}/docs     (events: {gateway}/asyncapi)

Its telephone rings whoever has a page open. In another terminal:
  TOKEN=$(curl -s {gateway}/api/v1/sessions -H 'Content-Type: application/json' \\
    -d '{{"email":"{ana}","password":"{password}","transport":"bearer"}}' \\
    | python3 -c 'import json,sys; print(json.load(sys.stdin)["token"])')
  curl -sN {gateway}/api/v1/live -H "Authorization: Bearer $TOKEN"               # who is ringing
  curl -s '{gateway}/api/v1/tasks?status=open' -H "Authorization: Bearer $TOKEN"   # whom to call back
Ctrl-C stops everything.
"""
OWN = """
The demo data went out: this is your own company.
  open       {gateway}
  sign in    as {email}, with the demo's password: {password}
Its mail is still caught here and goes nowhere. To go on for real: Ctrl-C, then .venv/bin/crm up --data-dir {data_dir}
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
    with tempfile.TemporaryDirectory(prefix="crm-demo-") as folder, Site(Path(folder), ephemeral=True) as site:
        site.open()
        assert site.company is not None
        site.say("the story begins")
        story.play(site.company, site.pbx, site.mailbox, site.say)
    print("demo check: the story held, step by step; everything is stopped and removed", flush=True)


def _run(data_dir: Path) -> None:
    with Site(data_dir, ephemeral=False) as site:
        try:
            if not site.left:
                site.open()
                _show(site, TRY)
                site.fill(FULL)
                site.say("the company is full: a year of it can be looked at")
                site.run()
            _show(site, OWN)
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            site.say(f"stopping; {len(site.mailbox.messages)} mails were caught")


def _show(site: Site, words: str) -> None:
    users = ", ".join(f"{colleague.email} ({colleague.role})" for colleague in STAFF)
    gateway, ana = site.stack.gateway_url, STAFF[3].email
    known = {"email": site.owner, "data_dir": site.stack.data_dir}
    print(words.format(gateway=gateway, password=site.password, users=users, ana=ana, **known), flush=True)
