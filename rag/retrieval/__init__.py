"""From a question as understood to ranked hits."""
