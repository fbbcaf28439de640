"""From sources into an archive: build it, bring it up to date."""
