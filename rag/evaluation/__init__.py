"""Measuring search and answers on topics with judgements, or on an archive by itself."""
