"""A simulator of loyalty and gift-card vendors: their events, their mapping to Klaviyo, and a verdict."""
