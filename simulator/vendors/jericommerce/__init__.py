"""JeriCommerce: loyalty for Shopify built on wallet passes, with points, tiers, rewards and campaigns."""
