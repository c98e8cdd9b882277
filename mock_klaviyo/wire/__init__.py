"""What a request goes through before an operation answers it: keys, limits, revision, media type, body."""
