"""Contracts: what Klaviyo must receive, written from the vendor's documentation and independent of any mapping."""
