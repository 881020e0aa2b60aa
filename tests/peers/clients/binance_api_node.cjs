// binance-api-node: its streams, one connection each, and its REST client.
'use strict';

const Binance = require('binance-api-node').default;

const connect = (exchange) => Binance({ httpBase: exchange.url + '/spot', wsBase: exchange.ws + '/spot/ws' });
const trades = (exchange, client) =>
  client.ws.trades(['BTCUSDT'], (row) => exchange.trade(row.tradeId, row.price, row.quantity));

const rest = async (exchange, client) => {
  const depth = await client.book({ symbol: 'BTCUSDT' });
  const levels = (rows) => rows.map((row) => [row.price, row.quantity]);
  exchange.rest(
    (await client.exchangeInfo()).symbols.map((row) => row.symbol),
    {
      time: await client.time(),
      bids: levels(depth.bids),
      asks: levels(depth.asks),
      klines: (await client.candles({ symbol: 'BTCUSDT', interval: '1m' })).length,
      last: Number((await client.prices()).BTCUSDT),
    },
  );
};

module.exports = {
  streams(exchange) {
    exchange.asked('trade', 'kline', 'bookTicker', 'miniTickers', 'depth5');
    const client = connect(exchange);
    trades(exchange, client);
    client.ws.candles('BTCUSDT', '1m', () => exchange.event('kline'));
    client.ws.bookTicker('BTCUSDT', () => exchange.event('bookTicker'));
    client.ws.allMiniTickers(() => exchange.event('miniTickers'));
    client.ws.partialDepth({ symbol: 'BTCUSDT', level: 5 }, () => exchange.event('depth5'));
  },
  rest: (exchange) => rest(exchange, connect(exchange)),
  async orders(exchange) {
    const client = Binance({
      apiKey: exchange.apiKey,
      apiSecret: exchange.apiSecret,
      httpBase: exchange.url + '/spot',
      wsApi: exchange.ws + '/spot/ws-api/v3',
    });
    await client.ws.user(({ type, ...event }) => exchange.userEvent({ e: type, ...event }), false);
    const price = (Number((await client.prices()).BTCUSDT) * 0.95).toFixed(2);
    const reply = async (call, answer) => {
      const row = await answer;
      exchange.reply(call, row.orderId, row.status);
      return { symbol: 'BTCUSDT', orderId: row.orderId };
    };
    const order = { symbol: 'BTCUSDT', quantity: '0.01' };
    const resting = await reply('place', client.order({ ...order, side: 'BUY', type: 'LIMIT', price }));
    await reply('status', client.getOrder(resting));
    await reply('cancel', client.cancelOrder(resting));
    await reply('place', client.order({ ...order, side: 'SELL', type: 'MARKET' }));
  },
  reconnect: (exchange) => trades(exchange, connect(exchange)),
  async hosts(exchange) {
    const client = Binance();
    await rest(exchange, client);
    trades(exchange, client);
  },
};
