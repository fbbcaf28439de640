"""Serve an archive with the tests' encoder: python -m tests.browser.server FOLDER.

A question that begins with "Slowly" takes its time once its records are found, as on a busy machine.
"""

import sys
import time
from pathlib import Path

from rag import Assistant
from tests.conftest import HashEncoder
from ui.app import launch
from ui.service.mounting import Options


class Unhurried(Assistant):
    """The assistant itself, but for a pause long enough for the slowest machine to see and stop it."""

    def ask(self, question, *, found=None, **rest):
        def pausing(hits):
            found(hits)
            time.sleep(15)

        slow = found and question.startswith("Slowly")
        return super().ask(question, found=pausing if slow else found, **rest)


if __name__ == "__main__":
    with Unhurried.open(sys.argv[1], encoder=HashEncoder(dim=512), rerank=False) as assistant:
        options = Options(feedback=Path(sys.argv[1]) / "feedback.sqlite")
        launch(assistant, host="127.0.0.1", port=0, options=options)
