"""The platform's own API, under /cgi-bin."""
