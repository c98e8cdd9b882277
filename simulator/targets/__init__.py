"""Targets: what is under test, vendor events in and Klaviyo requests out."""
