"""``ims check``: every problem of the installation, each with its code and a hint."""

import json
from dataclasses import asdict

import click

from ims.check import Problem, any_error, installation


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print an object with the list ``problems``.")
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Print every problem of this installation with a code and a hint.

    The exit status is 1 when one of them keeps the portal from starting, or an outside system from being used;
    warnings leave it 0.
    """
    problems = installation()
    if as_json:
        listed = [asdict(problem) for problem in problems]
        click.echo(json.dumps({"ok": not any_error(problems), "problems": listed}, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(map(_words, problems)) or "Everything is in order.")
    if any_error(problems):
        if as_json:
            click.echo("There is an error; see problems.", err=True)
        ctx.exit(1)


def _words(problem: Problem) -> str:
    return f"{problem.code} {problem.level.value}: {problem.sentence}\n    {problem.hint}"
