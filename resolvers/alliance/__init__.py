"""What the fields of the alliance section do. The observer is always the agent of the token."""
