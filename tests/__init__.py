"""The tests, in the same rooms as chat/. Shared fixtures are in conftest.py."""
