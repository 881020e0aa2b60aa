// binance (npm): WebsocketClient and MainClient.
'use strict';

const { MainClient, WebsocketClient } = require('binance');

const open = (exchange, topics, onData) => {
  const quiet = { trace() {}, info() {}, error: console.error };
  const client = new WebsocketClient({ wsUrl: exchange.ws + '/spot' }, quiet);
  client.on('message', (message) => onData(message.data ?? message));
  client.on('exception', () => {}); // without a listener node.js ends the program
  client.subscribe(topics, 'main');
};

const trade = (exchange, data) => exchange.trade(data.t, data.p, data.q);

module.exports = {
  streams(exchange) {
    exchange.asked('trade', 'kline', 'bookTicker', 'miniTickers');
    open(exchange, ['btcusdt@trade', 'btcusdt@kline_1m', 'btcusdt@bookTicker', '!miniTicker@arr'], (data) => {
      if (Array.isArray(data)) exchange.event('miniTickers');
      else if (data.e === 'trade') trade(exchange, data);
      else exchange.event(data.e ?? 'bookTicker');
    });
  },
  async rest(exchange) {
    const client = new MainClient({ baseUrl: exchange.url + '/spot' });
    const depth = await client.getOrderBook({ symbol: 'BTCUSDT' });
    exchange.rest(
      (await client.getExchangeInfo()).symbols.map((row) => row.symbol),
      {
        bids: depth.bids,
        asks: depth.asks,
        klines: (await client.getKlines({ symbol: 'BTCUSDT', interval: '1m' })).length,
        last: Number((await client.getSymbolPriceTicker({ symbol: 'BTCUSDT' })).price),
      },
    );
  },
  reconnect(exchange) {
    open(exchange, ['btcusdt@trade'], (data) => {
      if (data.e === 'trade') trade(exchange, data);
    });
  },
};
