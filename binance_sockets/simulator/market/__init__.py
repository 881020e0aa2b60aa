"""Markets of no particular venue: books, matching, the crowd, candles. No network, no clock but the one passed in."""
