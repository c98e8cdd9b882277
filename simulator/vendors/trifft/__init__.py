"""TRIFFT: a loyalty cloud for hospitality and retail, with venues, wallets, coupons and segments."""
