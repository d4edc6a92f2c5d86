"""The governance levers, one file each."""
