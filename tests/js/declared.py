"""Events as the protocol declares them, for hypothesis to make: whatever their classes allow."""

from datetime import UTC
from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import UNSET, convert, inspect

from chat.core.protocol import Event, Found, HistoryRead, MessageUpdated, Notified, QueueListed

#: As the server writes them.
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.isoformat(timespec="milliseconds"))


@cache
def events(kind: type[Event]) -> SearchStrategy[Event]:
    """Events of this class."""
    return _values(inspect.type_info(kind)).map(lambda value: convert(value, kind)).filter(_is_whole)


def _is_whole(event: Event) -> bool:
    """Whether an event keeps what the words of its class say beyond the types."""
    match event:
        case MessageUpdated():
            return event.deleted is True or event.message is not UNSET
        case Notified(event="join" | "leave" | "rename"):
            return event.id is not None and event.name is not None
        case Notified(event="crowd"):
            return event.came is not None and event.went is not None
        case Notified(event="moderation"):
            return event.act is not None
        case HistoryRead() | Found():
            return all(_is_whole(message) for message in event.messages)
        case QueueListed():
            return all(
                _is_whole(message) for item in event.items for message in [*item.before, *item.after]
            )
    return True


def _values(kind: inspect.Type) -> SearchStrategy[Any]:
    match kind:
        case inspect.Metadata(extra_json_schema={"format": "date-time"}):
            return MOMENTS
        case inspect.StructType(fields=fields, tag_field=tag_field, tag=tag):
            tags = {tag_field: st.just(tag)} if tag_field else {}
            known = {field.name: _values(field.type) for field in fields if field.required}
            maybe = {field.name: _values(field.type) for field in fields if not field.required}
            return st.fixed_dictionaries({**tags, **known}, optional=maybe)
        case inspect.UnionType(types=types):
            return st.one_of(*map(_values, types))
        case inspect.ListType(item_type=item):
            return st.lists(_values(item), max_size=3)
        case inspect.DictType(key_type=key, value_type=value):
            return st.dictionaries(_values(key), _values(value), max_size=3)
        case inspect.LiteralType(values=literals):
            return st.sampled_from(literals)
        case inspect.EnumType(cls=enum):
            return st.sampled_from([member.value for member in enum])
        case inspect.StrType(pattern=str() as pattern, max_length=longest):
            return st.from_regex(pattern).filter(lambda text: longest is None or len(text) <= longest)
        case inspect.StrType(min_length=shortest, max_length=longest):
            return st.text(min_size=shortest or 0, max_size=longest)
        case inspect.IntType(ge=least, le=most):
            return st.integers(least, most)
        case inspect.FloatType(ge=least):
            return st.floats(least, allow_nan=False, allow_infinity=False)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
    raise TypeError(f"No event had a {kind} so far: say here what stands on the wire for it.")
