// binance (npm): WebsocketClient and MainClient.
'use strict';

const { MainClient, WebsocketClient } = require('binance');

const open = (options, topics, onData) => {
  const quiet = { trace() {}, info() {}, error: console.error };
  const client = new WebsocketClient(options, quiet);
  client.on('message', (message) => onData(message.data ?? message));
  client.on('exception', () => {}); // without a listener node.js ends the program
  client.subscribe(topics, 'main');
};

const here = (exchange) => ({ wsUrl: exchange.ws + '/spot' });

const trade = (exchange, data) => exchange.trade(data.t, data.p, data.q);

const trades = (exchange, options) =>
  open(options, ['btcusdt@trade'], (data) => data.e === 'trade' && trade(exchange, data));

const rest = async (exchange, client, facts) => {
  const depth = await client.getOrderBook({ symbol: 'BTCUSDT' });
  exchange.rest(
    (await client.getExchangeInfo()).symbols.map((row) => row.symbol),
    {
      ...facts,
      bids: depth.bids,
      asks: depth.asks,
      klines: (await client.getKlines({ symbol: 'BTCUSDT', interval: '1m' })).length,
      last: Number((await client.getSymbolPriceTicker({ symbol: 'BTCUSDT' })).price),
    },
  );
};

module.exports = {
  streams(exchange) {
    exchange.asked('trade', 'kline', 'bookTicker', 'miniTickers');
    open(here(exchange), ['btcusdt@trade', 'btcusdt@kline_1m', 'btcusdt@bookTicker', '!miniTicker@arr'], (data) => {
      if (Array.isArray(data)) exchange.event('miniTickers');
      else if (data.e === 'trade') trade(exchange, data);
      else exchange.event(data.e ?? 'bookTicker');
    });
  },
  rest: (exchange) => rest(exchange, new MainClient({ baseUrl: exchange.url + '/spot' })),
  reconnect: (exchange) => trades(exchange, here(exchange)),
  async hosts(exchange) {
    const client = new MainClient();
    await rest(exchange, client, { time: await client.getServerTime() });
    trades(exchange, {});
  },
};
