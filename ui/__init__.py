"""What people touch: the command line and the browser."""

import index  # noqa: F401  # switches telemetry off, before anybody imports what would report
