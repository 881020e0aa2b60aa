// binance (npm): WebsocketClient, WebsocketAPIClient and MainClient.
'use strict';

const { MainClient, WebsocketAPIClient, WebsocketClient } = require('binance');

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
  async orders(exchange) {
    const client = new WebsocketAPIClient({
      api_key: exchange.apiKey,
      api_secret: exchange.apiSecret,
      wsUrl: exchange.ws + '/spot',
      attachEventListeners: false,
      muteLatencyWarning: true,
    });
    client.getWSClient().on('message', (message) => exchange.userEvent(message.event ?? message));
    client.getWSClient().on('exception', console.error);
    await client.subscribeUserDataStream('mainWSAPI');
    const price = ((await client.getSpotAveragePrice({ symbol: 'BTCUSDT' })).result.price * 0.95).toFixed(2);
    const reply = async (call, method, params) => {
      const row = (await client[method]({ ...params, timestamp: Date.now() })).result;
      exchange.reply(call, row.orderId, row.status);
      return { symbol: 'BTCUSDT', orderId: row.orderId };
    };
    const order = { symbol: 'BTCUSDT', quantity: '0.01' };
    const limit = { side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price };
    const resting = await reply('place', 'submitNewSpotOrder', { ...order, ...limit });
    await reply('status', 'getSpotOrderStatus', resting);
    await reply('cancel', 'cancelSpotOrder', resting);
    await reply('place', 'submitNewSpotOrder', { ...order, side: 'SELL', type: 'MARKET' });
  },
  reconnect: (exchange) => trades(exchange, here(exchange)),
  async hosts(exchange) {
    const client = new MainClient();
    await rest(exchange, client, { time: await client.getServerTime() });
    trades(exchange, {});
  },
};
