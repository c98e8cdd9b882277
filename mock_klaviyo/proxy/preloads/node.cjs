// Runs before a Node program under `mock-klaviyo exec`: Klaviyo's hosts lead to this machine, others only where allowed.
'use strict';
const net = require('node:net');

const words = (name) => (process.env[name] || '').split(',').filter(Boolean);
const klaviyo = new Set(words('MOCK_KLAVIYO_EXEC_HOSTS'));
const allowed = new Set(words('MOCK_KLAVIYO_EXEC_ALLOWED'));
const port = Number(process.env.MOCK_KLAVIYO_EXEC_PORT);
const isLoopback = (host) => host === 'localhost' || host === '::1' || (net.isIPv4(host) && host.startsWith('127.'));

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0]; // net.connect passes its own list of arguments
  if (first === null || typeof first !== 'object' || first.path) return connect.apply(this, given);
  const host = String(first.host || 'localhost').toLowerCase().replace(/^\[|\]$/g, '');
  if (klaviyo.has(host) && Number(first.port) === 443) {
    Object.assign(first, { host: '127.0.0.1', port, servername: first.servername || host, lookup: undefined });
  } else if (!isLoopback(host) && !allowed.has(host) && !allowed.has(`${host}:${first.port}`)) {
    const asked = `${host}:${first.port}`;
    const remedy = `mock-klaviyo exec: ${asked} is not Klaviyo's; --allow-host ${asked} lets the program reach it`;
    process.nextTick(() => this.destroy(new Error(remedy)));
    return this;
  }
  return connect.apply(this, given);
};
