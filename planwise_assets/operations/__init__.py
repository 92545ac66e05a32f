"""The parallel workforce operations: settled facts become events and dated segments. Imports nothing (worker start-up)."""
