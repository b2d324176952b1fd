"""The ``ims`` command, for scripts and people without a browser. Each command has its module; a line here adds it.

Exit status: 0 done; 1 no, with a sentence on stderr; 2 wrong usage.
"""

import click

from ims.cli.backup import backup, restore
from ims.cli.check import check
from ims.cli.demo import demo
from ims.cli.export import export
from ims.cli.history import figures, import_history
from ims.cli.library import import_rca
from ims.cli.rca import rca, read_rca
from ims.cli.sentences import Sentences
from ims.cli.serve import migrate, serve, worker


@click.group(cls=Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ims", message="%(version)s")
def main() -> None:
    """IMS: the incident procedure of an SRE team, running.

    Settings come from the environment, IMS_…; docs/settings.md lists them.
    """


main.add_command(serve)
main.add_command(worker)
main.add_command(migrate)
main.add_command(check)
main.add_command(demo)
main.add_command(export)
main.add_command(backup)
main.add_command(restore)
main.add_command(import_history)
main.add_command(figures)
main.add_command(rca)
main.add_command(read_rca)
main.add_command(import_rca)
