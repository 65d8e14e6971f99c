"""The `crm` command: runs the installation and what an administrator does to it."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crm_runner import dead_letters, topology
from crm_runner import journal as journals
from crm_runner.admin import ADMIN_EMAIL, first_admin
from crm_runner.environment import for_program, outside
from crm_runner.errors import RunnerError
from crm_runner.installation import reach
from crm_runner.journal import Journal
from crm_runner.options import DATA_DIR, DataDir
from crm_runner.processes import ALL, GATEWAY, module, run
from crm_runner.secrets import load_or_make
from crm_runner.signals import one_interrupt
from crm_runner.stack import Stack

app = typer.Typer(name="crm", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
user = typer.Typer(no_args_is_help=True, help="Users of the installation.")
app.add_typer(user, name="user")
app.add_typer(dead_letters.app, name="dead-letters")

_PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command()
def up(
    data_dir: DataDir = DATA_DIR,
    debug: Annotated[bool, typer.Option("--debug", help="Show debug lines too.")] = False,
    admin: Annotated[
        str, typer.Option("--admin", envvar="CRM_ADMIN_EMAIL", help="Who the first user is.")
    ] = ADMIN_EMAIL,
) -> None:
    """Run everything on this machine until Ctrl-C."""
    journal = Journal(data_dir / "log" / "crm.log", journals.console(), debug=debug)
    with one_interrupt():
        try:
            with Stack(data_dir, journal=journal) as stack:
                password = first_admin(stack, admin)
                journal.say(f"running: open {stack.gateway_url} (Ctrl-C stops it)")
                if password:
                    # Shown to the person and kept nowhere, so not through the journal.
                    print(f"\n    First start: sign in as {admin} with the one-time password {password}\n", flush=True)
                while True:
                    signal.pause()
        except KeyboardInterrupt:
            journal.say("stopped; nothing of it is left running")
        finally:
            journal.close()


@app.command()
def demo(
    check: Annotated[bool, typer.Option("--check", help="Play the story once, verify it, leave nothing.")] = False,
    data_dir: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = DATA_DIR / "demo",
) -> None:
    """Run a small believable company whose emulated PBX rings."""
    from crm_runner.demo import command  # brings an HTTP client and a mail server along, which `up` does not need

    command.demo(check=check, data_dir=data_dir)


@app.command(name="import-real")
def import_real(
    folder: Annotated[Path, typer.Argument(help="Where the set's CSV files are.", exists=True, file_okay=False)],
) -> None:
    """Take the public set of sales opportunities into an installation of its own, show its figures, leave nothing."""
    from crm_runner.demo import real_command  # brings an HTTP client along, which `up` does not need

    real_command.show(folder)


@app.command()
def migrate(data_dir: DataDir = DATA_DIR) -> None:
    """Bring every service's database to the newest schema."""
    with reach(data_dir, "postgres") as installation:
        for name in ALL:
            print(f"{name}: migrating", flush=True)
            environment = for_program(name, installation, outside({}))
            done = subprocess.run([sys.executable, "-m", module(name), "migrate"], env=environment, check=False)
            if done.returncode != 0:
                raise RunnerError(f"{name}: the migration failed (its output is above)")


@app.command()
def provision(data_dir: DataDir = DATA_DIR) -> None:
    """Declare every exchange, queue and binding on the bus."""
    with reach(data_dir, "rabbitmq") as installation:
        queues = topology.provision(installation.amqp_url)
    print(f"{queues} queues declared")


@app.command()
def resync(
    owner: Annotated[str, typer.Argument(help="Who owns the state, e.g. contacts.")],
    noun: Annotated[str, typer.Argument(help="What of it, e.g. person.")],
    to_queue: Annotated[str, typer.Argument(help="The copy to fill, e.g. deals.cards.")],
    data_dir: DataDir = DATA_DIR,
) -> None:
    """Have an owner stream its current state to one copy."""
    from crm_runner import orders  # brings SQLAlchemy along, which few commands need

    with reach(data_dir, "rabbitmq") as installation:
        orders.resync(installation.amqp_url, owner, noun, to_queue)
    print(f"{owner} was asked to send every {noun} to {to_queue}")


@app.command("compare-archive")
def compare_archive(
    since: Annotated[
        datetime | None, typer.Option(help="Compare what was recorded since then; else all that is kept.")
    ] = None,
    data_dir: DataDir = DATA_DIR,
) -> None:
    """Have every service compare what it has sent with the archive, and send again what is missing there."""
    from crm_runner import orders

    with reach(data_dir, "rabbitmq") as installation:
        orders.compare_archive(installation.amqp_url, since.astimezone() if since else datetime.fromtimestamp(0, UTC))
    print("every service was told to compare what it has sent with the archive")


@app.command()
def replay(
    history: Annotated[str, typer.Argument(help="What is made from the archive: timeline.")],
    data_dir: DataDir = DATA_DIR,
) -> None:
    """Make a history anew from the archive, beside the one in use, and swap it in."""
    from crm_runner import orders

    with reach(data_dir, "rabbitmq") as installation:
        orders.replay(installation.amqp_url, history)
    print(f"the {history} is being made anew; the one in use stays until it is ready")


@app.command("secrets")
def show_secrets(data_dir: DataDir = DATA_DIR) -> None:
    """Make the installation's secrets if need be and print them as lines of an env file."""
    made = load_or_make(data_dir / "secrets")
    print(f"CRM_INTERNAL_PRIVATE_KEY={made.internal_private_key}")
    print(f"CRM_INTERNAL_PUBLIC_KEY={made.internal_public_key}")
    print(f"CRM_SECRETS_KEY={made.secrets_key}")


@user.command("add", context_settings=_PASS_THROUGH)
def user_add(context: typer.Context) -> None:
    """Add a user; the arguments are those of the gateway's own `user-add` (see --help)."""
    with reach(Path(os.environ.get("CRM_DATA_DIR", DATA_DIR)), "postgres") as installation:
        environment = for_program(GATEWAY, installation, outside({}))
        run(GATEWAY, environment, "migrate")
        command = [sys.executable, "-m", module(GATEWAY), "user-add", *context.args]
        raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


def main() -> None:
    """Runs the command; what went wrong is one line on standard error."""
    try:
        app()
    except RunnerError as error:
        print(f"crm: {error}", file=sys.stderr)
        raise SystemExit(1) from None
