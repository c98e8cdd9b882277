"""Contracts to publish: what vendors, mappings and merchants give and need, and whether they fit together."""
