"""How moments are written for each language: with the zone that they are told in."""
