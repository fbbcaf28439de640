"""`python -m index build ...` is the same as `pq build ...`."""

from __future__ import annotations

import sys
from importlib import import_module

if __name__ == "__main__":
    # The command line lives in `ui`, which this package must not import: it is looked up by name.
    import_module("ui.cli").main(sys.argv[1:])
