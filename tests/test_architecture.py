"""The house's rules, read from the source: who may import whom, how long things may be, what is nowhere written."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the street to the foundations. A module may import what stands in a row below its own: never a row above, and
# never another package of its own row. ``docs/architecture.md`` says why each stands where it does.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("app", "pages"),
    ("ims.ui", "ims.web", "ims.cli", "ims.__main__"),
    ("ims.check", "ims.demo"),
    ("ims.bootstrap",),
    ("ims.rules",),
    ("ims.intake", "ims.response", "ims.postmortem", "ims.metrics", "ims.setup"),
    ("ims.delivery",),
    ("ims.sop", "ims.store", "ims.integrations"),
    ("ims.ports", "ims.calendar", "ims.data_file"),
    ("ims.model", "ims.config"),
    ("ims.errors", "ims.clock"),
)

# The same inside a package that has packages of its own.
INSIDE: tuple[tuple[str, ...], ...] = (
    ("ims.postmortem.review",),
    ("ims.postmortem.refreshing", "ims.postmortem.library"),
    ("ims.postmortem.reading", "ims.postmortem.writing"),
    ("ims.postmortem.content", "ims.postmortem.following_up", "ims.postmortem.document", "ims.postmortem.meeting"),
    ("ims.postmortem.word",),
)

# What may cross a row all the same, each with its reason.
DOORS: dict[tuple[str, str], str] = {
    ("app", "ims.web"): "app.py is the process: it joins the pages to the HTTP routes",
    ("ims.__main__", "ims.cli"): "python -m ims is the ims command",
}

# A library is used where its subject lives, and nowhere else.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "streamlit": ("app", "pages", "ims.ui"),
    "plotly": ("ims.ui",),
    "sqlalchemy": ("ims.store", "ims.model"),
    "alembic": ("ims.store",),
    "psycopg": ("ims.store",),
    "docx": ("ims.postmortem",),
    "markdown_it": ("ims.postmortem.reading.markdown",),
    "starlette": ("ims.web",),
    "uvicorn": (),
    "httpx": ("ims.integrations",),
    "requests": ("ims.integrations",),
    "slack_sdk": ("ims.integrations.slack",),
    "googleapiclient": ("ims.integrations.google",),
    "google": ("ims.integrations.google",),
    "httplib2": ("ims.integrations.google",),
    "icalendar": ("ims.calendar",),
    "PIL": ("ims.postmortem",),
    "prometheus_client": ("ims.web",),
    "urllib.request": ("ims.integrations",),
    "smtplib": ("ims.integrations",),
    "click": ("ims.cli",),
}

# SQL is written in the store. A noun says what it is; everybody else takes the session from ``ims.store.database``
# to hand it on.
SQLMODEL_NAMES: dict[str, set[str]] = {"ims.model": {"Field", "SQLModel"}}
QUERIES = {"exec", "execute", "scalars", "scalar", "query"}

PAGE_IMPORTS = {"streamlit", "ims.ui"}
LONGEST_PAGE = 60
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
MEDIAN_FUNCTION = 10
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "misc", "common", "base", "core", "lib"}


def sources() -> list[Path]:
    packages = [path for folder in ("ims", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
    return [ROOT / "app.py", *(path for path in packages if "migrations" not in path.parts)]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text_of(path), str(path))


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Every import of a file as (module, name), also those inside functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            yield from ((str(node.module), alias.name) for alias in node.names)


def targets(path: Path) -> Iterator[str]:
    """Every module that a file imports; ``from ims.store import incidents`` is ``ims.store.incidents``."""
    for module, name in imports(path):
        yield f"{module}.{name}" if name else module


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


Table = tuple[tuple[str, ...], ...]


def member(module: str, table: Table = LAYERS) -> str | None:
    """The entry of the table of layers that a module belongs to."""
    return next((package for row in table for package in row if within(module, package)), None)


def row_of(package: str, table: Table = LAYERS) -> int:
    return next(number for number, row in enumerate(table) if package in row)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def lines(path: Path) -> int:
    return len(text_of(path).splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def offences(judge: Callable[[Path], Iterator[str]], paths: list[Path] | None = None) -> list[str]:
    """What a rule finds in every source, each with the module's name."""
    return [f"{name_of(path)}: {offence}" for path in paths or sources() for offence in judge(path)]


def test_every_module_has_its_place_in_the_table_of_layers() -> None:
    assert [name_of(path) for path in sources() if not member(name_of(path))] == ["ims"]


def test_every_package_inside_another_has_its_place_too() -> None:
    housed = {name_of(path) for path in sources() if within(name_of(path), "ims.postmortem")} - {"ims.postmortem"}
    assert [name for name in sorted(housed) if not member(name, INSIDE)] == []


@pytest.mark.parametrize("table", [LAYERS, INSIDE], ids=["between-packages", "inside-a-package"])
def test_imports_point_downwards(table: Table) -> None:
    def judge(path: Path) -> Iterator[str]:
        own = member(name_of(path), table)
        for target in targets(path):
            other = member(target, table)
            if own is None or other is None or own == other or (own, other) in DOORS:
                continue
            if row_of(own, table) >= row_of(other, table):
                yield f"imports {target}, which does not stand below it"

    assert offences(judge) == []


def test_every_door_is_used() -> None:
    used = {(member(name_of(path)), member(target)) for path in sources() for target in targets(path)}
    assert [door for door in DOORS if door not in used] == []


def test_each_library_stays_where_its_subject_lives() -> None:
    def judge(path: Path) -> Iterator[str]:
        for target in targets(path):
            for library, homes in LIBRARIES.items():
                if within(target, library) and not any(within(name_of(path), home) for home in homes):
                    yield f"imports {target}"

    assert offences(judge) == []


def test_sql_is_written_in_the_store() -> None:
    def judge(path: Path) -> Iterator[str]:
        own = name_of(path)
        if within(own, "ims.store"):
            return
        allowed = next((names for home, names in SQLMODEL_NAMES.items() if within(own, home)), {"Session"})
        yield from (
            f"takes {name} from sqlmodel"
            for module, name in imports(path)
            if module == "sqlmodel" and name not in allowed
        )
        yield from (f"asks the database on line {line}" for line in questions(path))

    assert offences(judge) == []


def questions(path: Path) -> Iterator[int]:
    """The lines on which a session is asked something in SQL."""
    calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    for call in calls:
        asks = isinstance(call.func, ast.Attribute) and call.func.attr in QUERIES
        if asks and "session" in ast.unparse(call.func).rpartition(".")[0]:
            yield call.lineno


def test_a_page_is_a_short_script_of_widgets() -> None:
    def judge(path: Path) -> Iterator[str]:
        for target in targets(path):
            if not any(within(target, each) for each in PAGE_IMPORTS):
                yield f"imports {target}"
        if lines(path) > LONGEST_PAGE:
            yield f"has {lines(path)} lines"

    assert offences(judge, sorted((ROOT / "pages").glob("*.py"))) == []


def test_a_file_or_function_can_be_read_at_once() -> None:
    def judge(path: Path) -> Iterator[str]:
        if lines(path) > LONGEST_FILE:
            yield f"has {lines(path)} lines"
        for function in functions(path):
            if length(function) > LONGEST_FUNCTION:
                yield f"{function.name} has {length(function)} lines"

    assert offences(judge) == []


def test_most_functions_are_short() -> None:
    lengths = [length(function) for path in sources() for function in functions(path)]
    assert median(lengths) < MEDIAN_FUNCTION, f"the median of {len(lengths)} functions is {median(lengths)} lines"


def test_a_module_is_named_after_what_is_in_it() -> None:
    assert offences(lambda path: iter(SAYS_NOTHING & set(name_of(path).split(".")))) == []


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|raise NotImplementedError")
    assert offences(lambda path: (match[0] for match in later.finditer(text_of(path)))) == []


def test_only_the_clock_reads_the_time_of_day() -> None:
    read = re.compile(r"\b(?:datetime\.now|datetime\.today|date\.today|utcnow|time\.time)\(")
    elsewhere = [path for path in sources() if name_of(path) != "ims.clock"]
    assert offences(lambda path: (match[0] for match in read.finditer(text_of(path))), elsewhere) == []


@pytest.mark.parametrize("lock", ["run.lock", "dev.lock"])
def test_locks_hold_hashes_and_no_address_to_download_from(lock: str) -> None:
    text = text_of(ROOT / "requirements" / lock)
    assert not re.findall(r"https?:|file:|--index-url|--extra-index-url|--find-links|\.org|\.com|\.io\b", text)
    pinned = re.findall(
        r"^([a-z0-9_.\-]+)(?:\[[a-z,]+\])?==\S+.*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE
    )
    assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
