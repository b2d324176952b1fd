"""``python -m ims`` is the ``ims`` command."""

from ims.cli import main

main(prog_name="ims")
