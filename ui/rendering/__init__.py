"""Hostile text into safe HTML."""
