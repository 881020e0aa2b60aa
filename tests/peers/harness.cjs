// What harness.py is for Python: `node harness.cjs SCRIPT SCENARIO`, with the client's packages in NODE_PATH.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');

const levels = (rows) => [...rows].slice(0, 5).map((row) => [Number(row[0]), Number(row[1])]);
const say = (kind, facts) => fs.writeSync(Number(process.env.PEER_FD), JSON.stringify({ kind, ...facts }) + '\n');

const url = process.env.PEER_URL;
const exchange = {
  url,
  apiKey: process.env.PEER_KEY,
  apiSecret: process.env.PEER_SECRET,
  ws: url.replace('http', 'ws'),
  asked: (...names) => say('asked', { names }),
  event: (name) => say('event', { name }),
  trade: (id, price, qty) => say('trade', { id: Number(id), price: Number(price), qty: Number(qty) }),
  book: (bids, asks) => say('book', { bids: levels(bids), asks: levels(asks) }),
  rest: (symbols, facts) => {
    const more = { ...facts };
    for (const side of ['bids', 'asks']) if (more[side]) more[side] = levels(more[side]);
    say('rest', { symbols, ...more });
  },
  reply: (call, order, status) => say('reply', { call, order: Number(order), status }),
  order: (order, status, filled) => say('order', { order: Number(order), status, filled: Number(filled) }),
  fill: (trade, price, qty) => say('fill', { trade: Number(trade), price: Number(price), qty: Number(qty) }),
  balance: (asset, amount) => say('balance', { asset, amount: Number(amount) }),
  // an event of the account, as the exchange writes it
  userEvent: (event) => {
    if (event.e === 'executionReport') {
      exchange.order(event.i, event.X, event.z);
      if (event.x === 'TRADE') exchange.fill(event.t, event.L, event.l);
    } else if (event.e === 'outboundAccountPosition') {
      for (const row of event.B) exchange.balance(row.a, row.f);
    }
  },
};

if (process.env.PEER_LED) {
  // every name of a host leads to a port of this machine, as by a hosts file
  const { connect } = net.Socket.prototype;
  net.Socket.prototype.connect = function (...args) {
    const options = Array.isArray(args[0]) ? args[0][0] : args[0];
    Object.assign(options, { host: '127.0.0.1', port: Number(process.env.PEER_LED) });
    return connect.apply(this, args);
  };
}

const [script, scenario] = process.argv.slice(2);
setTimeout(() => process.exit(3), 120000);
Promise.resolve(require(path.resolve(script))[scenario](exchange)).catch((error) => {
  console.error(error);
  process.exit(1);
});
