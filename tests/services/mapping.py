"""A mapping of one's own: what the events of three loyalty vendors become at Klaviyo."""


def to_klaviyo(vendor, event, headers, payload, customer):
    """The requests for one event; `customer` is the vendor's record of the person."""
    made = {"jericommerce": jericommerce, "influence": influence, "trifft": trifft}[vendor]
    return made(event, headers, payload, customer)


def jericommerce(event, headers, payload, customer):
    if not payload["email"]:
        return []  # nobody can be told
    tier = customer["tier"]
    properties = {
        "balance": customer["balance"],
        "birthdate": customer["birthdate"] or "-",
        "jericommerce_tier_name": tier["name"],
        "jericommerce_tier_balance": tier["balance"],
        "jericommerce_tier_entered_at": (tier["enteredAt"] or "-")[:10],
        "jericommerce_tier_expires_at": (tier["expiresAt"] or "-")[:10],
        "jericommerce_download_wallet_pass_url": customer["downloadWalletPassUrl"],
    }
    who = {"email": payload["email"]}
    return [
        track(event, who, payload["properties"], time=payload["createdAt"], unique_id=payload["id"]),
        upsert(who, {name: value for name, value in properties.items() if value is not None}),
    ]


def influence(topic, headers, payload, customer):
    unique_id, time = headers["x-webhook-id"], payload["customer"]["updatedAt"]
    if topic == "referrals/started":
        guest = {"email": payload["friendEmail"], "properties": {"Influence.io Customer Member Status": "guest"}}
        reward = payload["friendReward"]
        values = {
            "customerName": payload["customer"]["name"],
            "friendEmail": payload["friendEmail"],
            "rewardCode": reward["couponCode"],
            "rewardFor": "friend",
            "rewardTitle": reward["title"],
        }
        return [track("Influence.io Referral Started", guest, values, time=time, unique_id=unique_id)]
    reward, friend = payload["customerReward"], payload["friendCustomer"]
    values = {
        "customerName": payload["customer"]["name"],
        "friendName": friend and friend["name"],
        "rewardCode": reward["couponCode"],
        "rewardFor": "customer",
        "rewardTitle": reward["title"],
    }
    who = {"email": payload["customer"]["email"]}
    return [
        track("Influence.io Referral Completed", who, values, time=time, unique_id=unique_id),
        upsert(who, influence_properties(customer)),
    ]


def influence_properties(customer):
    month, day = customer["birthdayMonth"], customer["birthdayDay"]
    tier = customer["currentLoyaltyTier"] or {}
    properties = {
        "Influence.io Point Balance": customer["pointBalance"],
        "Influence.io Referral Code": customer["referralCode"],
        "Influence.io Referral URL": customer["referralUrl"],
        "Influence.io Customer Member Status": customer["memberStatus"],
        "Influence.io Last Seen At": customer["lastSeenAt"],
        "Influence.io Points Expire At": customer["pointsExpireAt"],
        "Influence.io Loyalty Card Lookup": customer["loyaltyCardLookup"],
    }
    known = {
        "Influence.io Tier ID": tier.get("id"),
        "Influence.io Tier Title": tier.get("title"),
        "Influence.io Birthday": f"0000-{month:02d}-{day:02d}T00:00:00" if month and day else None,
    }
    return properties | {name: value for name, value in known.items() if value is not None}


WALLET = ("id", "name", "is_primary", "type", "currency", "suffix", "prefix", "points", "created_at", "updated_at")


def trifft(event, headers, payload, customer):
    points, wallet = payload["points"] / 100, payload["wallet"]
    values = {
        "wallet_id": wallet["id"],
        "points": points,
        "note": payload["note"],
        "wallet": {name: wallet[name] for name in WALLET},
        "transaction_id": payload["transaction_id"],
    }
    unique_id = ":".join(("Wallet credited", customer["id"], wallet["id"], payload["timestamp"]))
    who = {"external_id": customer["id"], "email": customer["email"]}
    return [
        track("Wallet credited", who, values, time=payload["timestamp"], unique_id=unique_id, value=points),
        upsert(who, trifft_properties(customer)),
    ]


def trifft_properties(customer):
    visit, favorite = customer["last_visit_at"], customer["favorite_venue"] or {}
    held = ("id", "name", "image_logo", "valid_from", "valid_until")
    return {
        "language": customer["language"],
        "Last_Visit_Timestamp_Local": visit,
        "Last_Visit_Timestamp_UTC": visit and visit.replace("Z", "+00:00"),
        "loyalty_points": customer["points"] / 100,
        "trifft_points": customer["points"] / 100,
        "trifft_available_coupons": len(customer["coupons"]),
        "trifft_coupons": [{name: coupon[name] for name in held} for coupon in customer["coupons"]],
        "trifft_fav_location_id": favorite.get("id"),
        "trifft_fav_location_name": favorite.get("name"),
        "trifft_id": customer["id"],
        "trifft_primary_card_id": customer["primary_card_id"],
        "trifft_segments": [segment["slug"] for segment in customer["segments"]],
        "trifft_support_id": customer["support_id"],
        "trifft_tier": customer["tier"],
    }


def track(metric, profile, properties, **more):
    """POST /api/events."""
    attributes = {
        "metric": {"data": {"type": "metric", "attributes": {"name": metric}}},
        "profile": {"data": {"type": "profile", "attributes": profile}},
        "properties": properties,
        **more,
    }
    return {"method": "POST", "path": "/api/events", "body": {"data": {"type": "event", "attributes": attributes}}}


def upsert(who, properties):
    """POST /api/profile-import."""
    data = {"type": "profile", "attributes": {**who, "properties": properties}}
    return {"method": "POST", "path": "/api/profile-import", "body": {"data": data}}
