"""Logs of the Workers that want to be observed, and the questions of the observability API about them."""
