"""`python -m headgate`: the same as `headgate`."""

from __future__ import annotations

import sys

from headgate.entrypoints.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
