// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

enum class EQueueMode
{
  Mpsc,
  Spsc
};

template <typename T, EQueueMode Mode = EQueueMode::Spsc>
class TQueue
{
public:
  bool Enqueue(const T&);
  bool Enqueue(T&&);
  bool Dequeue(T&);
  bool IsEmpty() const;
};
