"""Wires everything together: settings, addresses, the ASGI application."""
