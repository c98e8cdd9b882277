"""The mapping layer: vendor events become Klaviyo requests."""
