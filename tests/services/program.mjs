// A mapping of one's own as a program: events come as JSON lines, Klaviyo is called with fetch.
import { createInterface } from "node:readline";

const KLAVIYO = "https://a.klaviyo.com"; // the mock, under `mock-klaviyo exec`
const HEADERS = {
  authorization: `Klaviyo-API-Key ${process.env.KLAVIYO_API_KEY}`,
  revision: "2026-07-15",
  "content-type": "application/vnd.api+json",
};
const WALLET = ["id", "name", "is_primary", "type", "currency", "suffix", "prefix", "points", "created_at", "updated_at"];
const COUPON = ["id", "name", "image_logo", "valid_from", "valid_until"];

const only = (names, record) => Object.fromEntries(names.map((name) => [name, record[name]]));
const known = (record) => Object.fromEntries(Object.entries(record).filter(([, value]) => value != null));
const day = (text) => (text ?? "-").slice(0, 10);
const two = (number) => String(number).padStart(2, "0");

const resource = (type, attributes) => ({ data: { type, attributes } });
const track = (metric, profile, properties, more) => [
  "/api/events",
  resource("event", {
    metric: resource("metric", { name: metric }),
    profile: resource("profile", profile),
    properties,
    ...more,
  }),
];
const upsert = (who, properties) => ["/api/profile-import", resource("profile", { ...who, properties })];

const VENDORS = {
  jericommerce({ event, payload, customer }) {
    if (!payload.email) return []; // nobody can be told
    const { tier } = customer;
    const who = { email: payload.email };
    const properties = known({
      balance: customer.balance,
      birthdate: customer.birthdate ?? "-",
      jericommerce_tier_name: tier.name,
      jericommerce_tier_balance: tier.balance,
      jericommerce_tier_entered_at: day(tier.enteredAt),
      jericommerce_tier_expires_at: day(tier.expiresAt),
      jericommerce_download_wallet_pass_url: customer.downloadWalletPassUrl,
    });
    const more = { time: payload.createdAt, unique_id: payload.id };
    return [track(event, who, payload.properties, more), upsert(who, properties)];
  },

  influence({ event, headers, payload, customer }) {
    const more = { time: payload.customer.updatedAt, unique_id: headers["x-webhook-id"] };
    const customerName = payload.customer.name;
    if (event === "referrals/started") {
      const { couponCode: rewardCode, title: rewardTitle } = payload.friendReward;
      const friendEmail = payload.friendEmail;
      const guest = { email: friendEmail, properties: { "Influence.io Customer Member Status": "guest" } };
      const values = { customerName, friendEmail, rewardCode, rewardFor: "friend", rewardTitle };
      return [track("Influence.io Referral Started", guest, values, more)];
    }
    const { couponCode: rewardCode, title: rewardTitle } = payload.customerReward;
    const friendName = payload.friendCustomer?.name ?? null;
    const values = { customerName, friendName, rewardCode, rewardFor: "customer", rewardTitle };
    const who = { email: payload.customer.email };
    const { birthdayMonth, birthdayDay, currentLoyaltyTier: tier } = customer;
    const properties = {
      "Influence.io Point Balance": customer.pointBalance,
      "Influence.io Referral Code": customer.referralCode,
      "Influence.io Referral URL": customer.referralUrl,
      "Influence.io Customer Member Status": customer.memberStatus,
      "Influence.io Last Seen At": customer.lastSeenAt,
      "Influence.io Points Expire At": customer.pointsExpireAt,
      "Influence.io Loyalty Card Lookup": customer.loyaltyCardLookup,
      ...known({
        "Influence.io Tier ID": tier?.id,
        "Influence.io Tier Title": tier?.title,
        "Influence.io Birthday":
          birthdayMonth && birthdayDay ? `0000-${two(birthdayMonth)}-${two(birthdayDay)}T00:00:00` : null,
      }),
    };
    return [track("Influence.io Referral Completed", who, values, more), upsert(who, properties)];
  },

  trifft({ payload, customer }) {
    const { wallet, timestamp: time, note, transaction_id } = payload;
    const points = payload.points / 100;
    const who = { external_id: customer.id, email: customer.email };
    const values = { wallet_id: wallet.id, points, note, wallet: only(WALLET, wallet), transaction_id };
    const unique_id = ["Wallet credited", customer.id, wallet.id, time].join(":");
    const properties = {
      language: customer.language,
      Last_Visit_Timestamp_Local: customer.last_visit_at,
      Last_Visit_Timestamp_UTC: customer.last_visit_at && customer.last_visit_at.replace("Z", "+00:00"),
      loyalty_points: customer.points / 100,
      trifft_points: customer.points / 100,
      trifft_available_coupons: customer.coupons.length,
      trifft_coupons: customer.coupons.map((coupon) => only(COUPON, coupon)),
      trifft_fav_location_id: customer.favorite_venue?.id ?? null,
      trifft_fav_location_name: customer.favorite_venue?.name ?? null,
      trifft_id: customer.id,
      trifft_primary_card_id: customer.primary_card_id,
      trifft_segments: customer.segments.map((segment) => segment.slug),
      trifft_support_id: customer.support_id,
      trifft_tier: customer.tier,
    };
    return [track("Wallet credited", who, values, { time, unique_id, value: points }), upsert(who, properties)];
  },
};

async function tell(path, body, triesLeft = 5) {
  const answer = await fetch(KLAVIYO + path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
  if ([429, 503].includes(answer.status) && triesLeft) {
    const seconds = Number(answer.headers.get("retry-after") ?? 1);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return tell(path, body, triesLeft - 1);
  }
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { event } = JSON.parse(line);
  try {
    const map = VENDORS[event.vendor];
    for (const [path, body] of map(event)) await tell(path, body);
    console.log(JSON.stringify({ requests: [] }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
