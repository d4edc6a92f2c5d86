"""What the fields of the people section do. The observer is always the agent of the token."""
