"""Any message of the contract, field by field: what hypothesis says to servers."""

import functools

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

_FLOATS = st.floats() | st.sampled_from([0.0, 1.0, -1.0, 1e7, 1e308, 5e-324])
_TEXTS = st.sampled_from(
    ["", "courier-1", "courier-2", "courier-1/front", "crate-1", "world", "a\0b", "\u202eabc", "..", "/etc/passwd"]
) | st.text(max_size=12)
_SCALARS = {
    FieldDescriptor.TYPE_DOUBLE: _FLOATS,
    FieldDescriptor.TYPE_FLOAT: st.floats(width=32),
    FieldDescriptor.TYPE_INT32: st.integers(-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.TYPE_UINT32: st.integers(0, 3) | st.integers(0, (1 << 32) - 1),
    FieldDescriptor.TYPE_UINT64: st.integers(0, 3) | st.integers(0, (1 << 64) - 1),
    FieldDescriptor.TYPE_FIXED64: st.integers(0, (1 << 64) - 1),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_STRING: _TEXTS,
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=40),
    FieldDescriptor.TYPE_ENUM: st.integers(0, 4) | st.integers(-(1 << 31), (1 << 31) - 1),
}


@functools.cache
def messages(of: Descriptor) -> st.SearchStrategy[Message]:
    """Messages of a type, each field there or not, right or wrong."""

    @st.composite
    def build(draw) -> Message:
        made = GetMessageClass(of)()
        for field in of.fields:
            if draw(st.booleans()):
                _fill(made, field, draw)
        return made

    return build()


def _fill(made: Message, field: FieldDescriptor, draw) -> None:
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        value = inner.fields_by_name["value"]
        for key in draw(st.lists(_TEXTS, max_size=2)):
            getattr(made, field.name)[key].CopyFrom(draw(messages(value.message_type)))
    elif field.is_repeated:
        of_one = messages(inner) if inner is not None else _SCALARS[field.type]
        getattr(made, field.name).extend(draw(st.lists(of_one, max_size=3)))
    elif inner is not None:
        getattr(made, field.name).CopyFrom(draw(messages(inner)))
    else:
        setattr(made, field.name, draw(_SCALARS[field.type]))
