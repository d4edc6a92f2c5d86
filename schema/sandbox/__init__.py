"""The sandbox section: rules tried on a simulated population."""
