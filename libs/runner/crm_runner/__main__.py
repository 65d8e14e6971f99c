"""`python -m crm_runner` is `crm`."""

from crm_runner.cli import main

main()
