"""A batch: whatever was asked for while the last transaction ran, carried out in one."""

from collections.abc import Sequence

from django.db import transaction

from chat.models import Person
from chat.services import log, people
from chat.services.log import Order, Outcome
from chat.services.people import Arrival


@transaction.atomic
def carry_out(asked: Sequence[Arrival | Order], *, is_retry: bool = False) -> list[Person | Outcome | None]:
    """Carry out all of it in one transaction: what came of each, in turn.

    Whoever arrives is there before anybody speaks. A database that cannot keep it raises, and then
    nothing of any of it is kept; but if it is lost during the commit nobody knows. So whatever is asked
    once more is asked as a retry.
    """
    arrivals = [one for one in asked if isinstance(one, Arrival)]
    orders = [one for one in asked if isinstance(one, Order)]
    arrived = iter(people.arrive(arrivals, is_retry=is_retry) if arrivals else ())
    done = iter(log.carry_out(orders, is_retry=is_retry) if orders else ())
    return [next(arrived) if isinstance(one, Arrival) else next(done) for one in asked]
