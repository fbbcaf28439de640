"""An archive on disk: the catalogue is the one source of truth, vectors and words are derived from it."""
