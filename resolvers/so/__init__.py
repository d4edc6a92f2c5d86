"""The organisms section: what its fields do."""
