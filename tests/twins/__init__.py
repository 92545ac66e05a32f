"""Plain-Python twins of the SQL macros: draws and arithmetic, for tests alone."""
