"""The web client's build, served."""
