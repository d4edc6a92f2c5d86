"""The alliance section: whom to engage with, predictably."""
