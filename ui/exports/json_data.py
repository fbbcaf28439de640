"""A paper as JSON: the replies or hits exactly as the command line and the API give them."""

from __future__ import annotations

import json

from ui.exports.document import LICENCE, Paper


def document(paper: Paper) -> str:
    """Return the paper as JSON; `pq verify` takes an exported conversation."""
    about = {"licence": LICENCE, "archive": {"build_id": paper.build_id}, "exported": paper.made.isoformat()}
    return json.dumps({**about, **paper.data}, ensure_ascii=False, indent=2) + "\n"
