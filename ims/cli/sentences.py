"""A refusal on the command line: a sentence on stderr and exit status 1, never a traceback."""

import os
from typing import IO, Any

import click
from pydantic import ValidationError

from ims.errors import Refusal, SettingProblem, sentences


class No(click.ClickException):
    """The command answers no; exit status 1."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence alone, so that scripts can show it as it is."""
        click.echo(self.format_message(), file=file, err=file is None)


class Sentences(click.Group):
    """A group whose commands may refuse in the portal's own words."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, and say a refusal, or a file that cannot be read or written, as a sentence."""
        try:
            return super().invoke(ctx)
        except SettingProblem as problem:
            raise No(f"{problem.code}: {problem} {problem.hint}") from problem
        except Refusal as refusal:
            raise No(str(refusal)) from refusal
        except ValidationError as error:
            raise No("\n".join(sentences(error))) from error
        except BrokenPipeError:
            raise  # ``ims … | head``: click ends quietly
        except OSError as error:
            raise No(_of_system(error)) from error


def _of_system(error: OSError) -> str:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."
