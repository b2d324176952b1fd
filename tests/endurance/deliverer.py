"""``ims worker`` as it is, but with a lease so short that a test need not wait minutes for a dead worker's rows.

``python -m tests.endurance.deliverer SECONDS`` runs until it is ended.
"""

import sys
from datetime import timedelta

from ims.cli.serve import worker
from ims.delivery import worker as deliveries


def main(seconds: float) -> None:
    """Run the crew of one process."""
    deliveries.LEASE = timedelta(seconds=seconds)
    worker.main([])


if __name__ == "__main__":
    main(float(sys.argv[1]))
