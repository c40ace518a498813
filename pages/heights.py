"""heights."""
