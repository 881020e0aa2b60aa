import time

from binance.client import Client
from binance.websockets import BinanceSocketManager


class BinanceBot(BinanceSocketManager):
    def __init__(self, client, symbols):
        self.client = client
        self.loop = None
        self.books = {}
        self.busy = False
        self.settings = {'symbols': symbols}
        self.exceptions = []
        super(BinanceBot, self).__init__(client, user_timeout='60')

    def run_all(self):
        for symbol in self.settings['symbols']:
            self.start_depth_socket(symbol, self.process, depth='5')
        self.start()

    def process(self, msg):
        if self.busy:
            return
        self.busy = True
        try:
            self.books[msg['lastUpdateId']] = msg['bids'][0]
        finally:
            self.busy = False


bot = BinanceBot(Client(), ['BTCUSDT', 'ETHUSDT'])
bot.run_all()
while len(bot.books) < 2:
    time.sleep(0.1)
bot.close()
print('books', len(bot.books) > 1)
