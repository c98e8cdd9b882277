"""What happens after a change or when time passes: memberships of segments that stay true."""
