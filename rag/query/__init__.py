"""From what was typed to what was meant."""
