"""Contracts: what a user says that Klaviyo should receive, held against what it did receive."""
