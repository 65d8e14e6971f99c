"""The first user of a new installation: without one nobody could sign in to make others."""

from crm_runner.errors import RunnerError
from crm_runner.processes import GATEWAY
from crm_runner.stack import Stack

ADMIN_EMAIL = "admin@example.com"


def first_admin(stack: Stack, email: str) -> str:
    """On the first start in a data directory: an admin exists, and this is the one-time password; later: empty."""
    made = stack.data_dir / "admin"
    if made.exists() or GATEWAY not in stack.service_urls:
        return ""
    try:
        said = stack.run(GATEWAY, "user-add", "--email", email, "--name", "Admin", "--role", "admin")
    except RunnerError as error:
        # A database of an earlier installation has its admin already.
        stack.journal.say(str(error), "warning")
        said = ""
    made.write_text(email + "\n")
    return said.strip()
