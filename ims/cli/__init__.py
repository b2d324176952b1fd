"""The ``ims`` command, for scripts and people without a browser."""

import click


@click.group()
def main() -> None:
    """IMS: the incident procedure of an SRE team, running."""
