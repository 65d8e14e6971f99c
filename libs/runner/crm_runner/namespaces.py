"""Running PostgreSQL, which refuses to be root, for a root user without creating system users.

In a user namespace the process is `nobody` to itself, while its files stay root's outside.
"""

import os
import pwd
import subprocess
import sys
from functools import cache

from crm_runner.errors import RunnerError


@cache
def not_root() -> tuple[str, ...]:
    """The command prefix under which a program sees itself as an ordinary user; empty for ordinary users.

    Raises RunnerError when we are root and the machine refuses user namespaces.
    """
    if os.geteuid() != 0:
        return ()
    # initdb looks its own user up, so the mapped id must have a passwd entry.
    nobody = pwd.getpwnam("nobody")
    prefix = ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    try:
        allowed = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        allowed = False
    if sys.platform != "linux" or not allowed:
        raise RunnerError(
            "PostgreSQL refuses to run as root and this machine refuses user namespaces: "
            "run as an ordinary user, or name a server in CRM_DATABASE_URL."
        )
    return prefix
