"""What the services say to each other, and nothing about how they work.

Owns the wire: envelope, event and command shapes, their names, and the graph of who reads what.
Must never know a framework, a database or a clock: it imports pydantic and the standard library only.
"""
