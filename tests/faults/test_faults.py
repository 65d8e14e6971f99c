"""Whatever dies, stays away or is cut off in the middle of its work: nothing promised is lost, nothing happens twice.

`make test-faults` strikes every fault under a long load; without --crm-long two of them and the cut-off mail do.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from crm_runner.demo.client import wait_for

from tests.faults.blows import EVERY, FEW, Blow, relay_holders, sessions, standby, wait_well
from tests.faults.check_calls import counted
from tests.faults.load import Wave
from tests.faults.pending import Pending
from tests.faults.site import Site

LONG = Wave(callers=86, writers=20, mails=16, calls_per_s=6)
SHORT = Wave(callers=14, writers=5, mails=4, calls_per_s=6)
_COLUMNS = "{:34} | {:84} | {:>6} | {:>7} | {}"


@pytest.fixture(scope="session")
def wave(long_run: bool) -> Wave:
    """How much is under way when a fault strikes."""
    return LONG if long_run else SHORT


@pytest.fixture(scope="module", autouse=True)
def _table() -> Iterator[None]:
    print("\n" + _COLUMNS.format("fault", "pending at the moment of the blow", "back s", "quiet s", "then audited"))
    yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every fault, or those of the short form."""
    if "blow" in metafunc.fixturenames:
        blows = EVERY if metafunc.config.getoption("--crm-long") else FEW
        metafunc.parametrize("blow", blows, ids=[blow.name for blow in blows])


@dataclass
class Endured:
    """What a fault met and how long it lasted."""

    name: str
    pending: Pending
    back_s: float
    quiet_s: float

    def audited(self, site: Site) -> None:
        """Prints the row of the table; AssertionError with every finding when there is one."""
        now = site.snapshot()
        found = site.audit(now)
        counts = counted(now) | {"webhooks": site.ledger.webhooks}
        told = ", ".join(f"{count} {name}" for name, count in counts.items()) + f": {len(found)} findings"
        print(_COLUMNS.format(self.name, str(self.pending), f"{self.back_s:.1f}", f"{self.quiet_s:.1f}", told))
        assert not found, "\n".join(str(finding) for finding in found[:50])


def endure(
    site: Site, name: str, wave: Wave, pending: Callable[[Site], Pending], strike: Callable[[Site], None]
) -> Endured:
    """The blow struck while the wave rolled; everything was acknowledged in the end and nothing is under way."""
    before = site.ledger.webhooks
    site.load(wave)
    wait_for("the wave to roll", lambda: site.ledger.webhooks > before + wave.callers // 4, 60)
    found = pending(site)
    assert found.total > 0
    struck = time.monotonic()
    strike(site)
    wait_well(site)
    back = time.monotonic()
    site.acknowledged()
    site.quiet()
    return Endured(name, found, back - struck, time.monotonic() - struck)


def test_nothing_is_lost_or_doubled_when(site: Site, wave: Wave, blow: Blow) -> None:
    endure(site, blow.name, wave, lambda site: site.pending_for(*blow.victims), blow.strike).audited(site)


def test_a_mail_cut_off_while_it_was_sent_is_shown_as_uncertain_and_never_sent_again(site: Site, wave: Wave) -> None:
    def submitting(site: Site) -> Pending:
        site.mailbox.holding, site.mailbox.held = True, 0
        found: Pending = wait_for("a mail on its way", lambda: _with_mail_on_its_way(site), 30)
        return found

    def cut_off(site: Site) -> None:
        site.stack.kill("notifications")
        site.mailbox.holding = False

    known = site.outside.uncertain()
    endured = endure(site, "kill -9 notifications, mid-mail", wave, submitting, cut_off)
    endured.audited(site)
    assert site.outside.uncertain() - known, "the mail that was cut off is not shown"


def _with_mail_on_its_way(site: Site) -> Pending | None:
    pending = site.begin(site.gauge.read(held=False)).result()
    return pending if pending.submitting and site.mailbox.held else None


def test_a_hot_standby_takes_the_relay_over_when_the_active_one_is_killed(
    site: Site, wave: Wave, long_run: bool
) -> None:
    if not long_run:
        pytest.skip("a second process: in the long form")
    killed = site.stack.pids["telephony"]
    with standby(site, "telephony") as second:
        assert relay_holders(site, "telephony") == {killed}
        assert second in sessions(site, "telephony")

        def strike(site: Site) -> None:
            site.stack.kill("telephony")
            wait_for("the standby to take over", lambda: relay_holders(site, "telephony") == {second})

        endured = endure(
            site, "kill -9 active relay of telephony", wave, lambda site: site.pending_for("telephony"), strike
        )
        assert relay_holders(site, "telephony") == {second}
        endured.audited(site)
    wait_for("the first to take over again", lambda: relay_holders(site, "telephony") == {site.stack.pids["telephony"]})


def test_figures_made_anew_after_all_of_it_are_the_same(site: Site) -> None:
    found = site.audit_rebuild(site.snapshot())
    assert not found, "\n".join(str(finding) for finding in found[:50])
