"""The people section: who stands behind accounts, and how far an agent trusts them."""
