"""Keeping an archive sound: check, repair, back up, restore."""
