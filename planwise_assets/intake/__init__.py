"""A stranger's census made ready for a study: `planwise init`. Nothing is imported here."""
