"""The web pages: the city at a glance and each device, live, in three languages, built on the server."""
