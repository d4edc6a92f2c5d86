"""One page that shows what runs of a scenario did, from their logs."""
