"""Words around a name: titles of courtesy, of knights, clergy and peers, the styles that go with them, and letters.

`honorifics.toml` lists them in lower case and without full stops.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files

_TABLE = tomllib.loads(files("index").joinpath("honorifics.toml").read_text(encoding="utf-8"))

COURTESY = frozenset(_TABLE["courtesy"])  # with a surname alone: "Ms"
STYLES = frozenset(_TABLE["styles"])  # before a title: "Rt Hon"
# How peers are addressed, by their rank: "earl" is "lord".
PEERS: dict[str, str] = {rank: address for address, ranks in _TABLE["peers"].items() for rank in ranks}
CLERGY = frozenset(_TABLE["clergy"])
LETTERS = frozenset(_TABLE["letters"])  # after a name: "MP", "KC", "CBE"
TITLES = COURTESY | frozenset(_TABLE["titles"]) | CLERGY | PEERS.keys()
