"""Smile.io: points, VIP tiers and referrals for online shops."""
