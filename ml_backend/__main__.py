"""`python -m ml_backend ...` is the command line of `cli.py`."""

import os
import sys

# Before torch loads OpenMP: threads that spin while they wait make a frame 4 to 8 times slower as soon as anything
# else, such as Blender's own render threads, wants the same cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from ml_backend.cli import main

if __name__ == "__main__":
    sys.exit(main())
