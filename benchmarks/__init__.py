"""What things cost. Run by hand; see each module."""
