"""`manage.py serve` among people who behave badly, and under an owner who makes mistakes."""
