"""Checking saved answers against an archive: what the records do not bear out is named.

`verify` checks one citation, `verify_reply` a whole reply as `pq ask --json` writes it.
"""

from rag.verification.citations import Check, Difference, Verdict, verify
from rag.verification.replies import ReplyCheck, verify_reply
from rag.verification.sentences import SentenceCheck, Standing

__all__ = ["Check", "Difference", "ReplyCheck", "SentenceCheck", "Verdict", "Standing", "verify", "verify_reply"]
