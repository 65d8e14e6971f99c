"""python -m crm_gateway serve | migrate | user-add | openapi"""

import sys


def main(arguments: list[str]) -> int:
    """Do what the command line says; only what the command needs is imported."""
    match arguments[:1]:
        case ["user-add"]:
            from crm_gateway.users.command import user_add

            return user_add(arguments[1:])
        case ["openapi"]:
            from crm_gateway.docs.command import openapi

            return openapi(arguments[1:])
        case _:
            from crm_chassis.entry import run

            from crm_gateway.main import wiring
            from crm_gateway.settings import GatewaySettings

            run(wiring, GatewaySettings, arguments)
            return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
