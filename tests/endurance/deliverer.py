"""``ims worker`` as it is, but with a lease so short that a test need not wait minutes for a dead worker's rows.

It also looks oftener for what is due.

``python -m tests.endurance.deliverer SECONDS`` runs until it is ended.
"""

import sys
from datetime import timedelta

from ims.cli.serve import worker
from ims.delivery import worker as deliveries

POLL_SECONDS = 0.2


def main(seconds: float) -> None:
    """Run the crew of one process."""
    deliveries.LEASE, deliveries.POLL_SECONDS = timedelta(seconds=seconds), POLL_SECONDS
    worker.main([])


if __name__ == "__main__":
    main(float(sys.argv[1]))
