"""The demo as one object: everything runs, the company has had its year, its telephone rings, and it can be left."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crm_runner import journal as journals
from crm_runner.demo.company import API_KEY, STAFF, Company, found, returned, save_password
from crm_runner.demo.control import Control, Leaver
from crm_runner.demo.filling import fill
from crm_runner.demo.mailbox import Mailbox
from crm_runner.demo.pbx import EmulatedPbx
from crm_runner.demo.ringing import Telephone
from crm_runner.demo.sounds import lay_out
from crm_runner.demo.year.shape import Size
from crm_runner.environment import DEMO, NO_RATE_LIMITS
from crm_runner.files import OWNER_ONLY, write_whole
from crm_runner.journal import Journal
from crm_runner.ports import Ports
from crm_runner.stack import Stack

SEED = 1
_LOOK_S = 1.0


class Site:
    """From entering it to leaving it: servers, services, mail catcher, PBX and company, in demo mode."""

    def __init__(self, data_dir: Path, *, ephemeral: bool, env_extra: Mapping[str, str] | None = None) -> None:
        self._data_dir = data_dir
        self._ephemeral = ephemeral
        self._given = dict(env_extra or {})
        self._parts = ExitStack()
        self._kept = data_dir / "company.json"
        self.password = ""
        self.company: Company | None = None

    @property
    def left(self) -> bool:
        """The demo data went out, and the company is somebody's own."""
        return bool(self._known().get("left"))

    @property
    def owner(self) -> str:
        """The address of whom the company is since; empty in the demo."""
        return str(self._known().get("email", ""))

    def __enter__(self) -> Self:
        with ExitStack() as parts:
            journal = Journal(self._data_dir / "log" / "crm.log", journals.console())
            parts.callback(journal.close)
            ports = Ports(None if self._ephemeral else self._data_dir / "pbx-ports.json")
            self.password = save_password(self._data_dir / "password")
            self.control = parts.enter_context(Control(ports.take("control")))
            self.stack = parts.enter_context(
                Stack(self._data_dir, self._environment(), ephemeral=self._ephemeral, journal=journal)
            )
            self.mailbox = parts.enter_context(Mailbox(self.stack.smtp_url))
            self.pbx = parts.enter_context(EmulatedPbx(ports.take("pbx"), self._data_dir / "log" / "pbx.log"))
            parts.callback(self._close_company)
            self._parts = parts.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._parts.close()

    def say(self, line: str) -> None:
        """A line of the journal and of the console."""
        self.stack.journal.say(line)

    def open(self) -> None:
        """The company stands and can be signed in to: the one of last time, or one founded now, without a past."""
        known = self._known()
        if known:
            self.say("the company of last time is still here")
            gateway = self.stack.gateway_url
            self.company = returned(gateway, self.password, gateway + known["hook_path"], known["salt"])
            if not known["filled"]:
                self.say("its year was not brought in to the end; `make clean-data` begins from the start")
        else:
            self.say("founding the company")
            self.company = found(self.stack, password=self.password, pbx_api_url=self.pbx.api_url, customers=False)
            self._keep(filled=False)
        sounds = lay_out(self._data_dir / "sounds")
        self.pbx.start(hook_url=self.company.hook_url, api_key=API_KEY, salt=self.company.salt, recordings=sounds)

    def fill(self, size: Size) -> None:
        """The company has had its year; one that has been there before is left as it is."""
        if self._fresh:
            assert self.company is not None
            fill(self.company, size, SEED, pbx=self.pbx, say=self.say)
            self._keep(filled=True)
        self.control.filling = False

    def run(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Rings while it goes on, until somebody leaves the demo: then the company is empty and theirs."""
        assert self.company is not None
        telephone = Telephone(self.company, self.pbx, self.say, random.Random())
        while going_on():
            if self.control.asked(_LOOK_S):
                assert self.control.leaver is not None
                self._leave(self.control.leaver)
                return
            telephone.look()

    def _leave(self, leaver: Leaver) -> None:
        began = time.monotonic()
        self.say(f"{leaver.name} leaves the demo: the company is being emptied")
        self.pbx.stop()
        self._close_company()

        def admin_alone() -> None:
            options = ["--email", leaver.email, "--name", leaver.name, "--role", "admin", "--locale", leaver.locale]
            self.stack.run("gateway", "migrate")
            self.stack.run("gateway", "user-add", *options, "--password", self.password)

        self.stack.begin_anew(forgetting=DEMO, before=admin_alone)
        self._write({"left": True, "email": leaver.email})
        self.say(f"the company is empty and {leaver.email}'s ({time.monotonic() - began:.0f} s)")

    @property
    def _fresh(self) -> bool:
        known = self._known()
        return self.company is not None and self.company.connection_id is not None and not known["filled"]

    def _environment(self) -> dict[str, str]:
        # What the services do each second would bury what the demo tells.
        quiet = {"CRM_LOG_LEVEL": os.environ.get("CRM_LOG_LEVEL", "warning")}
        if self.left:
            return quiet | self._given
        demo = {
            f"{DEMO}PASSWORD": self.password,
            f"{DEMO}USERS": json.dumps([colleague.email for colleague in STAFF]),
            f"{DEMO}CONTROL_URL": self.control.url,
            f"{DEMO}CONTROL_SECRET": self.control.secret,
        }
        # The year comes in through the same door as a visitor, and faster than people type.
        return quiet | NO_RATE_LIMITS | demo | self._given

    def _known(self) -> dict[str, Any]:
        return dict(json.loads(self._kept.read_text())) if self._kept.exists() else {}

    def _keep(self, *, filled: bool) -> None:
        assert self.company is not None
        path = self.company.hook_url.removeprefix(self.stack.gateway_url)
        self._write({"hook_path": path, "salt": self.company.salt, "filled": filled})

    def _write(self, known: dict[str, Any]) -> None:
        write_whole(self._kept, json.dumps(known), OWNER_ONLY)

    def _close_company(self) -> None:
        if self.company is not None:
            self.company.close()
