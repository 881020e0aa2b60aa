// @binance/connector: WebsocketStream and Spot.
'use strict';

const { Spot, WebsocketStream } = require('@binance/connector');

const open = (options, streams, message) => {
  const quiet = { info() {}, warn() {}, debug() {}, error: console.error };
  const client = new WebsocketStream({
    ...options,
    combinedStreams: true,
    callbacks: { message: (text) => message(JSON.parse(text)) },
    logger: quiet,
  });
  client.subscribe(streams);
};

const here = (exchange) => ({ wsURL: exchange.ws + '/spot' });

const trade = (exchange, data) => exchange.trade(data.t, data.p, data.q);

const trades = (exchange, options) => open(options, ['btcusdt@trade'], ({ data }) => trade(exchange, data));

const rest = async (exchange, client) => {
  const depth = (await client.depth('BTCUSDT')).data;
  exchange.rest(
    (await client.exchangeInfo()).data.symbols.map((row) => row.symbol),
    {
      time: (await client.time()).data.serverTime,
      bids: depth.bids,
      asks: depth.asks,
      klines: (await client.klines('BTCUSDT', '1m')).data.length,
      last: Number((await client.tickerPrice('BTCUSDT')).data.price),
    },
  );
};

module.exports = {
  streams(exchange) {
    exchange.asked('trade', 'kline', 'bookTicker', 'miniTickers');
    const names = { 'btcusdt@kline_1m': 'kline', 'btcusdt@bookTicker': 'bookTicker', '!miniTicker@arr': 'miniTickers' };
    open(here(exchange), ['btcusdt@trade', ...Object.keys(names)], ({ stream, data }) => {
      if (data.e === 'trade') trade(exchange, data);
      else exchange.event(names[stream]);
    });
  },
  rest: (exchange) => rest(exchange, new Spot('', '', { baseURL: exchange.url + '/spot' })),
  reconnect: (exchange) => trades(exchange, here(exchange)),
  async hosts(exchange) {
    await rest(exchange, new Spot());
    trades(exchange, {});
  },
};
