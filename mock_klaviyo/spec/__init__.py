"""What Klaviyo published: recorded operations, their schemas, and the revisions that hold them."""
