"""A Grafana OnCall that remembers, and answers as a real engine was recorded to (``tests/contracts/grafana_oncall_*``).

It refuses whatever the published API refuses, and more: a real engine passes over a field or an argument that it does
not know, this one answers 400, so that a misspelt one is seen.
"""

from tests.fakes.oncall.engine import FakeOnCall
from tests.fakes.oncall.server import Failure

__all__ = ["Failure", "FakeOnCall"]
