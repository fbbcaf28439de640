"""Switches that keep the libraries below from reporting to their makers.

ONNX Runtime looks up a telemetry host some seconds after a model is loaded, and keeps an id of the device in the user's
cache. It heeds its switch only where that is set before it is imported, by whomever: so `import index` sets it, and
`onnx_runtime` is the only place that imports the library.
"""

from __future__ import annotations

import os
from typing import Any

_SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}


def switch_off() -> None:
    """Switch the telemetry of libraries off, for this process and for those that it starts."""
    os.environ.update(_SWITCHES)


def onnx_runtime() -> Any:
    """Return the module `onnxruntime`, its telemetry off."""
    switch_off()
    import onnxruntime

    # Does not stop what began with an earlier import by somebody else, but what that would still report.
    onnxruntime.disable_telemetry_events()
    return onnxruntime
