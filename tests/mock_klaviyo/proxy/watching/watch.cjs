// Writes down every address that a Node process connects to.
const fs = require('node:fs');
const net = require('node:net');

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
  const first = Array.isArray(given[0]) ? given[0][0] : given[0];
  fs.appendFileSync(process.env.WATCHED_TO, `${first.host}\n`);
  return connect.apply(this, given);
};
