"""99minds: gift cards, store credit, points, coupons, memberships, VIP tiers, referrals and partner orders."""
