// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "RHICommandList.h"

void FlushRenderingCommands();

template <typename T>
void UeStubEnqueue(T&& Lambda)
{
  static_assert(std::is_invocable_v<T, FRHICommandListImmediate&>);
}
#define ENQUEUE_RENDER_COMMAND(Type) \
  struct Type##Name \
  { \
  }; \
  UeStubEnqueue
