// @binance/connector: WebsocketStream and Spot.
'use strict';

const { Spot, WebsocketStream } = require('@binance/connector');

const open = (exchange, streams, message) => {
  const quiet = { info() {}, warn() {}, debug() {}, error: console.error };
  const client = new WebsocketStream({
    wsURL: exchange.ws + '/spot',
    combinedStreams: true,
    callbacks: { message: (text) => message(JSON.parse(text)) },
    logger: quiet,
  });
  client.subscribe(streams);
};

const trade = (exchange, data) => exchange.trade(data.t, data.p, data.q);

module.exports = {
  streams(exchange) {
    exchange.asked('trade', 'kline', 'bookTicker', 'miniTickers');
    const names = { 'btcusdt@kline_1m': 'kline', 'btcusdt@bookTicker': 'bookTicker', '!miniTicker@arr': 'miniTickers' };
    open(exchange, ['btcusdt@trade', ...Object.keys(names)], ({ stream, data }) => {
      if (data.e === 'trade') trade(exchange, data);
      else exchange.event(names[stream]);
    });
  },
  async rest(exchange) {
    const client = new Spot('', '', { baseURL: exchange.url + '/spot' });
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
  },
  reconnect: (exchange) => open(exchange, ['btcusdt@trade'], ({ data }) => trade(exchange, data)),
};
