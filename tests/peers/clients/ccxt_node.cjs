// ccxt pro for JavaScript: all three products' markets are loaded; only the addresses are changed.
'use strict';

const ccxt = require('ccxt');

const HOSTS = {
  'https://api.binance.com': '/spot',
  'https://fapi.binance.com': '/usdm',
  'https://dapi.binance.com': '/coinm',
  'https://eapi.binance.com': '/options',
  // it tells spot from futures by "/stream" in the address, which an unknown stream of that name brings in
  'wss://stream.binance.com:9443/ws': '/spot/ws/stream',
  'wss://fstream.binance.com': '/usdm',
  'wss://dstream.binance.com': '/coinm',
  'wss://ws-api.binance.com:443': '/spot',
};

const moved = (exchange, address) => {
  if (typeof address !== 'string') {
    return Object.fromEntries(Object.entries(address).map(([name, row]) => [name, moved(exchange, row)]));
  }
  for (const [host, path] of Object.entries(HOSTS)) {
    if (address.startsWith(host)) {
      return (host.startsWith('ws') ? exchange.ws : exchange.url) + path + address.slice(host.length);
    }
  }
  return address;
};

const connect = async (exchange) => {
  const client = new ccxt.pro.binance();
  client.urls.api = moved(exchange, client.urls.api);
  await client.loadHttpProxyAgent(); // what it wants before ws:// addresses, proxy or not
  return client;
};

const trades = async (exchange, client) => {
  for (;;) {
    try {
      for (const row of await client.watchTrades('BTC/USDT')) exchange.trade(row.id, row.price, row.amount);
    } catch (error) {
      if (!(error instanceof ccxt.NetworkError)) throw error;
      await client.sleep(200); // its manual wants the caller to try again
    }
  }
};

const rest = async (exchange, client) => {
  const markets = await client.loadMarkets();
  const depth = await client.fetchOrderBook('BTC/USDT');
  exchange.rest(
    Object.values(markets).filter((row) => row.spot).map((row) => row.id),
    {
      time: await client.fetchTime(),
      bids: depth.bids,
      asks: depth.asks,
      klines: (await client.fetchOHLCV('BTC/USDT', '1m')).length,
      last: (await client.fetchTickers())['BTC/USDT'].last,
    },
  );
};

const trade = async (exchange, client) => {
  await client.authenticate();
  const price = client.priceToPrecision('BTC/USDT', (await client.fetchTicker('BTC/USDT')).last * 0.95);
  const reply = async (call, answer) => {
    const row = await answer;
    exchange.reply(call, row.id, row.info.status);
    return row.id;
  };
  const id = await reply('place', client.createOrderWs('BTC/USDT', 'limit', 'buy', 0.01, price));
  await reply('status', client.fetchOrderWs(id, 'BTC/USDT'));
  await reply('cancel', client.cancelOrderWs(id, 'BTC/USDT'));
  await reply('place', client.createOrderWs('BTC/USDT', 'market', 'sell', 0.01));
};

module.exports = {
  async streams(exchange) {
    exchange.asked('trade', 'kline', 'bookTicker', 'ticker');
    const client = await connect(exchange);
    await client.loadMarkets();
    const once = async (watch, name) => {
      await watch;
      exchange.event(name);
    };
    await Promise.all([
      trades(exchange, client),
      once(client.watchOHLCV('BTC/USDT', '1m'), 'kline'),
      once(client.watchBidsAsks(['BTC/USDT']), 'bookTicker'),
      once(client.watchTicker('BTC/USDT'), 'ticker'),
    ]);
  },
  async book(exchange) {
    const client = await connect(exchange);
    for (;;) {
      const state = await client.watchOrderBook('BTC/USDT');
      exchange.book(state.bids, state.asks);
    }
  },
  rest: async (exchange) => rest(exchange, await connect(exchange)),
  async hosts(exchange) {
    const client = new ccxt.pro.binance();
    await rest(exchange, client);
    await trades(exchange, client);
  },
  async orders(exchange) {
    const client = await connect(exchange);
    client.apiKey = exchange.apiKey;
    client.secret = exchange.apiSecret;
    await client.loadMarkets();
    const forever = async (watch, tell) => {
      for (;;) tell(await watch());
    };
    await Promise.all([
      forever(() => client.watchOrders('BTC/USDT'), (rows) => {
        for (const row of rows) exchange.order(row.id, row.info.X, row.filled);
      }),
      forever(() => client.watchMyTrades('BTC/USDT'), (rows) => {
        for (const row of rows) exchange.fill(row.id, row.price, row.amount);
      }),
      forever(() => client.watchBalance(), (row) => exchange.balance('USDT', row.USDT.free)),
      trade(exchange, client),
    ]);
  },
  reconnect: async (exchange) => trades(exchange, await connect(exchange)),
};
