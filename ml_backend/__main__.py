"""`python -m ml_backend ...` is the command line of `cli.py`."""

import sys

from ml_backend.cli import main

if __name__ == "__main__":
    sys.exit(main())
