"""Serve an archive with the tests' encoder: python -m tests.browser.server FOLDER."""

import sys

from rag import Assistant
from tests.conftest import HashEncoder
from ui.app import launch

if __name__ == "__main__":
    with Assistant.open(sys.argv[1], encoder=HashEncoder(dim=512), rerank=False) as assistant:
        launch(assistant, host="127.0.0.1", port=0)
