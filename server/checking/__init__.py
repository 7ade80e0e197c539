"""The models of the routes, looked at from outside a turn: what is there, fetched, loaded and tried out."""
