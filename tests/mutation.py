"""What would happen if one field name of a payload were wrong: would a test notice?

A *payload module* holds pure functions from a message to what a system is sent. Each name in it that the other side
reads is changed in turn (``channel`` to ``channelx``), and the adapter is run against its strict fake, which must
refuse it::

    def exercise() -> None:
        with FakeSlack() as slack:                     # fresh for each mutant: what one left must not fail the next
            adapter = SlackAdapter(settings(slack.url), clock)
            adapter.tell_team(samples.TEAM_MESSAGE, "k")
            assert slack.posted == [...]               # what the system should hold now

    def test_no_field_name_can_be_wrong_unseen() -> None:
        assert_every_mutant_dies(payloads, exercise)

A mutant dies when ``exercise`` raises anything. Where the other side really does not care about a name, say so with
``spare={"name"}``; a name spared without need is a failure too. Short timeouts in the settings keep it quick. It all
happens in this process: only the code of the module's functions is exchanged, so it does not matter who imported them.
A constant is exchanged in its module alone; who needs it elsewhere asks a function for it.

Changed are, in function bodies and in the module's constants: keys of dicts (and of ``case {…}``), keywords of calls,
``x["name"]``, ``x.get("name")``, ``x.add("name", …)`` and their like, and constants ``NAME = "name"`` that are used as
such a key.
"""

import ast
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

_TAKE_A_KEY = ("get", "pop", "setdefault", "add", "add_header")
_Assignment = ast.Assign | ast.AnnAssign
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Site = tuple[ast.Constant | ast.keyword, str]  # a node, and its attribute that holds the name


@dataclass(frozen=True)
class Mutant:
    """A module with one name changed. ``constants`` are the assignments that must be made anew for it."""

    module: ModuleType
    name: str
    line: int
    bodies: Mapping[str, CodeType]
    constants: tuple[CodeType, ...]

    def __str__(self) -> str:
        return f"{self.module.__name__.rpartition('.')[2]}.py:{self.line} {self.name!r}"

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let everybody who calls the module's functions meet the mutant, until the block ends."""
        functions, values = dict(_functions(self.module)), dict(vars(self.module))
        codes = {name: function.__code__ for name, function in functions.items()}
        try:
            for constant in self.constants:
                exec(constant, vars(self.module))  # the module's own line, one name changed
            _give(functions, self.bodies, self.module)
            yield
        finally:
            vars(self.module).update(values)
            _give(functions, codes, self.module)


def mutants_of(module: ModuleType) -> Iterator[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    tree = ast.parse(inspect.getsource(module))
    for node, attribute in sorted(_sites(tree), key=lambda site: (site[0].lineno, site[0].col_offset)):
        name = getattr(node, attribute)
        setattr(node, attribute, f"{name}x")
        code = compile(tree, str(module.__file__), "exec")
        yield Mutant(module, name, node.lineno, dict(_bodies(code)), _made_anew(tree, node, module))
        setattr(node, attribute, name)


def assert_every_mutant_dies(module: ModuleType, exercise: Callable[[], None], spare: Collection[str] = ()) -> None:
    """Fail, naming the survivors, if ``exercise`` passes with some name of the module changed.

    It must pass before the first and after the last mutant, with nothing changed; otherwise what dies proves nothing.
    """
    exercise()
    survivors = [mutant for mutant in mutants_of(module) if _survives(mutant, exercise)]
    exercise()
    unseen = [str(mutant) for mutant in survivors if mutant.name not in spare]
    assert not unseen, "nobody notices when these names are wrong:\n" + "\n".join(unseen)
    needless = set(spare) - {mutant.name for mutant in survivors}
    assert not needless, f"spared without need: {', '.join(sorted(needless))}"


def _survives(mutant: Mutant, exercise: Callable[[], None]) -> bool:
    try:
        with mutant.in_place():  # a constant with a wrong name may fail to be made at all
            exercise()
    except (Exception, pytest.fail.Exception):
        return False
    return True


def _give(functions: Mapping[str, FunctionType], codes: Mapping[str, CodeType], module: ModuleType) -> None:
    for name, function in functions.items():
        function.__code__ = codes[name]
    for each in vars(module).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def _functions(module: ModuleType) -> Iterator[tuple[str, FunctionType]]:
    """Return the functions that a module defines, those in classes too, by their qualified names."""
    own = [each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__]
    classes = [each for each in own if isinstance(each, type)]
    inside = [member for each in classes for member in vars(each).values()]
    for each in [*own, *inside]:
        function = _plain(each)
        if isinstance(function, FunctionType) and function.__code__.co_filename == module.__file__:
            yield function.__code__.co_qualname, function


def _plain(each: Any) -> Any:
    if isinstance(each, property):
        return each.fget
    return inspect.unwrap(each) if callable(each) else getattr(each, "__func__", each)


def _bodies(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each.co_qualname, each
            yield from _bodies(each)


def _made_anew(tree: ast.Module, changed: ast.AST, module: ModuleType) -> tuple[CodeType, ...]:
    """Return the module's assignments that hold the change, or a value made from what holds it."""
    names: set[str] = set()
    lines: list[ast.stmt] = []
    for line in _constants(tree):
        nodes = list(ast.walk(line))
        uses = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        if any(node is changed for node in nodes) or uses & names:
            names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            lines.append(line)
    return tuple(compile(ast.Module([line], []), str(module.__file__), "exec", dont_inherit=True) for line in lines)


def _constants(tree: ast.Module) -> Iterator[_Assignment]:
    return (line for line in tree.body if isinstance(line, _Assignment) and line.value is not None)


def _sites(tree: ast.Module) -> Iterator[_Site]:
    """Return every place that holds a name which the other side reads, each once."""
    lines: list[ast.AST] = [part for line in _constants(tree) if (part := line.value)]
    lines += [line for function in _outermost(tree) for line in function.body]
    nodes = [node for line in lines for node in ast.walk(line)]
    yield from ((node, "arg") for node in nodes if isinstance(node, ast.keyword) and node.arg)
    keys = [key for node in nodes for key in _keys(node)]
    used = {key.id for key in keys if isinstance(key, ast.Name)}
    keys += [line.value for line in _constants(tree) if line.value and used & _targets(line)]
    yield from ((key, "value") for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def _outermost(tree: ast.AST) -> Iterator[_Function]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, _Function):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _outermost(node)


def _targets(line: _Assignment) -> set[str]:
    targets = line.targets if isinstance(line, ast.Assign) else [line.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _keys(node: ast.AST) -> list[ast.expr]:
    """Return what a node uses as keys."""
    match node:
        case ast.Dict():
            return [key for key in node.keys if key is not None]
        case ast.DictComp():
            return [node.key]
        case ast.MatchMapping():
            return list(node.keys)
        case ast.Subscript():
            return [node.slice]
        case ast.Call(func=ast.Attribute(attr=verb), args=[key, *_]) if verb in _TAKE_A_KEY:
            return [key]
    return []
