"""Run every benchmark of this folder, one after the other in this process: ``make bench`` or ``… NAME`` for one.

A benchmark is a module with ``run()``, which prints what it measured beside the bare minimum it is measured against.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules
from time import perf_counter

import benchmarks


def main(wanted: list[str]) -> int:
    """Run the named benchmarks, or all; return the exit status."""
    names = [module.name for module in iter_modules(benchmarks.__path__) if not module.name.startswith("_")]
    if unknown := set(wanted) - set(names):
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(names)}.", file=sys.stderr)
        return 2
    for name in wanted or names:
        module = import_module(f"benchmarks.{name}")
        if hasattr(module, "run"):
            print(f"== {name}: {(module.__doc__ or name).splitlines()[0]}")
            started = perf_counter()
            module.run()
            print(f"   ({perf_counter() - started:.0f} s)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
