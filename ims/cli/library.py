"""``ims import-rca``: the post-mortems that a team wrote before it had the portal."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from ims.bootstrap import Portal, portal
from ims.errors import BadFile
from ims.model import Actor
from ims.postmortem.content.causes import Causes, read_causes
from ims.postmortem.library.bringing_in import Found, bring_in, is_known, look_into
from ims.postmortem.word.package import LARGEST_FILE, check_size

IMPORTER = Actor("ims import-rca")
_TITLE_WIDTH = 60  # characters


@click.command("import-rca")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what is found and write nothing.")
def import_rca(files: Sequence[Path], *, dry_run: bool) -> None:
    """Bring post-mortems in Markdown or Word into the library; the same file comes in once.

    A folder stands for every .md, .markdown, .txt and .docx file in it. A file that cannot be read is named, the others
    go on, and the exit status is 1.
    """
    wired = portal()
    causes = read_causes(wired.settings.data_dir)
    unread = 0
    counts = {"new": 0, "known": 0}
    for path, name in _files(files):
        found = _found(path, name, causes)
        if isinstance(found, str):
            unread += 1
            click.echo(f"{path}: {found}", err=True)
            continue
        is_new = _would_be_new(wired, found) if dry_run else _bring_in(wired, found)
        counts["new" if is_new else "known"] += 1
        click.echo(_row(found, is_new=is_new))
    click.echo(_sentence(counts, unread, dry_run=dry_run))
    sys.exit(1 if unread else 0)


def _would_be_new(wired: Portal, found: Found) -> bool:
    with wired.reading() as session:
        return not is_known(session, found)


def _bring_in(wired: Portal, found: Found) -> bool:
    with wired.work(IMPORTER) as work:
        return bring_in(work, found) is not None


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """Return each file with its name; one from a folder has those of the folders too, for they may say the day."""
    for path in paths:
        if path.is_dir():
            endings = (".md", ".markdown", ".txt", ".docx")
            found = sorted(each for each in path.rglob("*") if each.suffix.casefold() in endings and each.is_file())
            yield from ((each, each.relative_to(path).as_posix()) for each in found)
        else:
            yield path, path.name


def _found(path: Path, name: str, causes: Causes) -> Found | str:
    """Return what the file holds, or why it cannot be read."""
    try:
        check_size(path.stat().st_size)
        with path.open("rb") as stream:
            return look_into(stream.read(LARGEST_FILE + 1), name, causes)
    except BadFile as bad:
        return str(bad)
    except OSError as error:
        return f"{error.strerror or 'it cannot be opened'}."


def _row(found: Found, *, is_new: bool) -> str:
    day = found.occurred_on.isoformat() if found.occurred_on else "no date   "
    counted = f"{_count(len(found.follow_ups), 'follow-up')}, {found.done} done"
    remarks = f", {_count(len(found.not_understood), 'remark')}" if found.not_understood else ""
    known = "" if is_new else " (there already)"
    of_the_day = f"; {found.of_the_day}" if found.of_the_day else ""
    return f"{day}  {found.title[:_TITLE_WIDTH]:<{_TITLE_WIDTH}}  {counted}{remarks}{known}{of_the_day}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _sentence(counts: dict[str, int], unread: int, *, dry_run: bool) -> str:
    brought = f"{counts['new']} would come in" if dry_run else f"{counts['new']} brought in"
    return f"{brought}, {counts['known']} were there already, {unread} could not be read."
