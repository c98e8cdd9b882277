// A program that calls Klaviyo with Node's https.
import https from 'node:https';

const headers = { Authorization: 'Klaviyo-API-Key pk_mine', revision: '2026-07-15' };
https.get('https://a.klaviyo.com/api/profiles', { headers }, (answer) => {
  let text = '';
  answer.on('data', (chunk) => (text += chunk));
  answer.on('end', () => console.log(JSON.parse(text).links.self));
});
