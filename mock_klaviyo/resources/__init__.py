"""What Klaviyo knows, in its own words: one file per tag of its reference."""
