// A call or two of each tag by the official Node SDK, against the server that MOCK_KLAVIYO_URL names.
// Each step gets the ids that earlier ones noted, and says what must be true of its answer.

import assert from "node:assert/strict";
import { createReadStream, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import klaviyo from "klaviyo-api";

const { MOCK_KLAVIYO_URL: url, MOCK_KLAVIYO_API_KEY: key, KLAVIYO_PUBLIC_KEY: company } = process.env;
const session = new klaviyo.ApiKeySession(key, new klaviyo.RetryWithExponentialBackoff({ numRetries: 1 }));
const email = "ana@example.org";
const ids = {};

/** The part of the SDK for a tag, pointed at the server. */
function api(name) {
  const found = new klaviyo[`${name}Api`](session);
  found.basePath = url;
  return found;
}

/** Makes a call, whose answer must come from the revision that the SDK asked for; gives its data. */
async function told(call, status = 200) {
  const { response, body } = await call;
  assert.equal(response.status, status);
  assert.equal(response.config.headers.revision, "2026-07-15");
  assert.equal(response.headers["x-klaviyo-api-revision"], "2026-07-15");
  return body?.data;
}

/** A resource as bodies hold it. */
const resource = (type, attributes, rest = {}) => ({ data: { type, attributes, ...rest } });

/** What leads to a resource. */
const to = (type, id) => ({ data: { type, id } });

/** A call without the SDK, where it has no method. */
async function post(path, body) {
  const headers = { "content-type": "application/vnd.api+json", revision: "2026-07-15" };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  assert.ok(response.ok, await response.text());
}

const steps = {
  async Accounts(accounts) {
    assert.deepEqual((await told(accounts.getAccounts())).map((each) => each.id), [company]);
  },

  async Profiles(profiles) {
    const body = resource("profile", { email, firstName: "Ana", properties: { tier: "gold", points_total: 5 } });
    const made = await told(profiles.createProfile(body), 201);
    const [found] = await told(profiles.getProfiles({ filter: `equals(email,"${email}")` }));
    assert.equal(found.id, made.id);
    assert.equal(found.attributes.firstName, "Ana");
    assert.deepEqual(found.attributes.properties, { tier: "gold", points_total: 5 });
    ids.profile = found.id;
  },

  async Events(events) {
    const metric = resource("metric", { name: "Placed Order" });
    const profile = resource("profile", { email });
    const time = new Date("2026-08-01T11:00:00Z");
    const properties = { items: 2, order_id: "A1" };
    await told(events.createEvent(resource("event", { metric, profile, time, properties, value: 30 })), 202);
    const [found] = await told(events.getEvents({ include: ["metric"] }));
    assert.equal(found.attributes.eventProperties.order_id, "A1");
    assert.equal(found.attributes.datetime.toISOString(), time.toISOString());
  },

  async Metrics(metrics) {
    const [found] = await told(metrics.getMetrics());
    assert.equal(found.attributes.name, "Placed Order");
    ids.metric = found.id;
    const filter = ["greater-or-equal(datetime,2026-08-01)", "less-than(datetime,2026-08-02)"];
    const asked = { metricId: found.id, measurements: ["count"], filter };
    const { attributes } = await told(metrics.queryMetricAggregates(resource("metric-aggregate", asked)));
    assert.deepEqual(attributes.data[0].measurements.count, [1]);
  },

  async Lists(lists) {
    const made = await told(lists.createList(resource("list", { name: "News" })), 201);
    await told(lists.addProfilesToList(made.id, { data: [{ type: "profile", id: ids.profile }] }), 204);
    assert.deepEqual((await told(lists.getProfilesForList(made.id))).map((each) => each.id), [ids.profile]);
    ids.list = made.id;
  },

  async Segments(segments) {
    const filter = { type: "string", operator: "equals", value: "gold" };
    const condition = { type: "profile-property", property: "properties['tier']", filter };
    const definition = { conditionGroups: [{ conditions: [condition] }] };
    const made = await told(segments.createSegment(resource("segment", { name: "Gold", definition })), 201);
    assert.deepEqual((await told(segments.getProfilesForSegment(made.id))).map((each) => each.id), [ids.profile]);
  },

  async Tags(tags) {
    const made = await told(tags.createTag(resource("tag", { name: "sale" })), 201);
    await told(tags.tagLists(made.id, { data: [{ type: "list", id: ids.list }] }), 204);
    assert.deepEqual((await told(tags.getListIdsForTag(made.id))).map((each) => each.id), [ids.list]);
  },

  async Templates(templates) {
    const attributes = { name: "Letter", editorType: "CODE", html: "<p>Hello {{ first_name }}</p>" };
    const made = await told(templates.createTemplate(resource("template", attributes)), 201);
    const asked = resource("template", { context: { first_name: "Ana" } }, { id: made.id });
    assert.match((await told(templates.renderTemplate(asked), 201)).attributes.html, /Hello Ana/);
    ids.template = made.id;
  },

  async Images(images) {
    const dot =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const asked = resource("image", { importFromUrl: `data:image/png;base64,${dot}`, name: "dot" });
    const made = await told(images.uploadImageFromUrl(asked), 201);
    assert.equal(made.attributes.format, "png");
    const file = join(mkdtempSync(join(tmpdir(), "tour-")), "dot.png");
    writeFileSync(file, Buffer.from(dot, "base64"));
    const uploaded = await told(images.uploadImageFromFile(createReadStream(file), "point"), 201);
    assert.equal(uploaded.attributes.name, "point");
  },

  async Campaigns(campaigns) {
    const content = { subject: "Hello", fromEmail: "shop@example.org", fromLabel: "Shop" };
    const message = { type: "campaign-message", attributes: { definition: { channel: "email", content } } };
    const audiences = { included: [ids.list] };
    const asked = { name: "Spring", audiences, campaignMessages: { data: [message] } };
    const made = await told(campaigns.createCampaign(resource("campaign", asked)), 201);
    const found = await told(campaigns.getCampaigns('equals(messages.channel,"email")'));
    assert.deepEqual(found.map((each) => [each.id, each.attributes.status]), [[made.id, "Draft"]]);
  },

  async Flows(flows) {
    const message = { fromEmail: "shop@example.org", subjectLine: "Hello", templateId: ids.template };
    const action = { temporaryId: "e", type: "send-email", links: { next: null }, data: { message } };
    const triggers = [{ type: "metric", id: ids.metric }];
    const definition = { triggers, actions: [action], entryActionId: "e" };
    const made = await told(flows.createFlow(resource("flow", { name: "Welcome", definition })), 201);
    assert.equal((await told(flows.getActionsForFlow(made.id))).length, 1);
  },

  async Forms(forms) {
    const versions = [{ name: "A", type: "popup", steps: [{ name: "Email", columns: [{ rows: [] }] }] }];
    const asked = { name: "Join us", status: "draft", abTest: false, definition: { versions } };
    const made = await told(forms.createForm(resource("form", asked)), 201);
    assert.deepEqual((await told(forms.getForms())).map((each) => each.id), [made.id]);
  },

  async Catalogs(catalogs) {
    const attributes = { externalId: "A 1/2", title: "Shirt", description: "Blue", url: "https://shop.example.org/" };
    const made = await told(catalogs.createCatalogItem(resource("catalog-item", attributes)), 201);
    assert.equal(made.id, "$custom:::$default:::A 1/2");
    assert.equal((await told(catalogs.getCatalogItem(made.id))).attributes.title, "Shirt");
  },

  async Coupons(coupons) {
    await told(coupons.createCoupon(resource("coupon", { externalId: "TEN" })), 201);
    const asked = resource("coupon-code", { uniqueCode: "AAA" }, { relationships: { coupon: to("coupon", "TEN") } });
    const made = await told(coupons.createCouponCode(asked));
    const found = await told(coupons.getCouponCodes('equals(coupon.id,"TEN")'));
    assert.deepEqual(found.map((each) => [each.id, each.attributes.status]), [[made.id, "UNASSIGNED"]]);
  },

  async CustomObjects(objects) {
    const made = await told(objects.createDataSource(resource("data-source", { title: "Shop" })), 201);
    const type = await told(objects.createObjectType(resource("object-type", { title: "Pet" })), 201);
    assert.deepEqual((await told(objects.getDataSources())).map((each) => each.id), [made.id]);
    assert.equal((await told(objects.getObjectType(type.id))).attributes.title, "Pet");
  },

  async Reporting(reporting) {
    const attributes = { statistics: ["opens"], timeframe: { key: "last_30_days" }, conversionMetricId: ids.metric };
    const made = await told(reporting.queryCampaignValues(resource("campaign-values-report", attributes)));
    assert.deepEqual(made.attributes.results, []);
  },

  async Reviews(reviews) {
    const review = { review_type: "store", email, author: "Ana", content: "Fine", rating: 5 };
    await post(`/client/reviews?company_id=${company}`, resource("review", review));
    const [found] = await told(reviews.getReviews());
    const asked = resource("review", { status: { value: "published" } }, { id: found.id });
    assert.equal((await told(reviews.updateReview(found.id, asked))).attributes.status.value, "published");
  },

  async TrackingSettings(settings) {
    const asked = resource("tracking-setting", { autoAddParameters: true }, { id: company });
    assert.equal((await told(settings.updateTrackingSetting(company, asked))).attributes.autoAddParameters, true);
  },

  async WebFeeds(feeds) {
    const attributes = { name: "blog", url: "https://shop.example.org/feed", requestMethod: "get", contentType: "json" };
    const made = await told(feeds.createWebFeed(resource("web-feed", attributes)), 201);
    await told(feeds.deleteWebFeed(made.id), 204);
    assert.deepEqual(await told(feeds.getWebFeeds()), []);
  },

  async Webhooks(webhooks) {
    const topics = { data: [{ type: "webhook-topic", id: "event:klaviyo.opened_email" }] };
    const attributes = { name: "Hook", endpointUrl: "https://shop.example.org/hook", secretKey: "a secret that is long" };
    const asked = resource("webhook", attributes, { relationships: { webhookTopics: topics } });
    const made = await told(webhooks.createWebhook(asked), 201);
    assert.equal((await told(webhooks.getWebhook(made.id))).attributes.endpointUrl, "https://shop.example.org/*****");
  },

  async Conversations(conversations) {
    await post("/__mock/conversations", { profile_id: ids.profile, channel: "sms", body: "Hello" });
    const [{ id }] = await told(api("Profiles").getConversationsForProfile(ids.profile));
    const relationships = { conversation: to("conversation", id) };
    const asked = resource("conversation-message", { body: "Hello back" }, { relationships });
    await told(conversations.createConversationMessage(asked), 202);
  },

  async Client(client) {
    const found = await told(client.getClientIpAllowlist("integration-egress", company));
    assert.ok(found.attributes.prefixes.length > 0);
  },

  async DataPrivacy(privacy) {
    const profile = resource("profile", { email });
    await told(privacy.requestProfileDeletion(resource("data-privacy-deletion-job", { profile })), 202);
    await assert.rejects(api("Profiles").getProfile(ids.profile), (error) => error.response.status === 404);
  },
};

for (const [name, step] of Object.entries(steps)) {
  try {
    await step(api(name));
  } catch (error) {
    const answer = error.response ? ` ${error.response.status} ${JSON.stringify(error.response.data)}` : "";
    console.error(`${name}: ${error.stack}${answer}`);
    process.exitCode = 1;
  }
}
