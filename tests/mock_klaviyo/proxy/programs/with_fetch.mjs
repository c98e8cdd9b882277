// A program that calls Klaviyo with Node's fetch.
const headers = { Authorization: 'Klaviyo-API-Key pk_mine', revision: '2026-07-15' };
const answer = await fetch('https://a.klaviyo.com/api/profiles', { headers });
console.log((await answer.json()).links.self);
