"""The frame of a simulation year: set-up and gate before it, closing state and publication after it. Imports nothing."""
