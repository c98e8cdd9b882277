"""Flask: Klaviyo's routes."""
