"""Figures over time: as one answer's table or list gives them, or as ministers gave them again and again."""
