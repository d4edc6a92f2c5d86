"""What the fields of the sandbox section do. Whatever runs belongs to the agent of the token."""
