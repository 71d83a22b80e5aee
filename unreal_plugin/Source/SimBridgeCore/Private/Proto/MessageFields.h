// What stands in a decoded message for everything of unknown length: where its bytes are, in the message that came.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <pb.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One value of a field: a string, bytes, a message still in bytes, or a packed row of numbers.
typedef struct sb_node {
  const uint8_t* data;
  size_t size;
  struct sb_node* next;
} sb_node_t;

/// All values of a field, in their order.
typedef struct sb_list {
  sb_node_t* first;
  sb_node_t* last;
  uint32_t count;
} sb_list_t;

/// Notes a value that comes, or writes those that go; nanopb calls it for every field of such a kind.
bool sb_field(pb_istream_t* in, pb_ostream_t* out, const pb_field_t* field);

#ifdef __cplusplus
}
#endif
