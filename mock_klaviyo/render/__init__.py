"""Klaviyo's template language on Django's template engine, which is imported when the first template is rendered."""
