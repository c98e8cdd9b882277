"""Influence.io: points, tiers and referrals for online shops."""
