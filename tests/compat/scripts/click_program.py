import click
from binance.client import Client
from binance.websockets import BinanceSocketManager


@click.command()
@click.option('--symbol', default='BNBBTC')
@click.option('--count', default=2)
def main(symbol, count):
    seen = []

    def callback(msg):
        seen.append(msg)
        click.echo('%s %d' % (msg['s'], len(seen)))
        if len(seen) == count:
            bm.close()

    bm = BinanceSocketManager(Client())
    bm.start_trade_socket(symbol, callback)
    bm.start()


if __name__ == '__main__':
    main()
