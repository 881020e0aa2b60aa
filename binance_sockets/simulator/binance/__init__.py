"""Binance: its products, names, payloads, control messages and REST, over the markets of the simulator."""
