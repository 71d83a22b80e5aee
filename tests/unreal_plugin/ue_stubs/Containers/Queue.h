// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

#include <deque>
#include <mutex>

enum class EQueueMode
{
  Mpsc,
  Spsc
};

template <typename T, EQueueMode Mode = EQueueMode::Spsc>
class TQueue
{
public:
  bool Enqueue(T&& One)
  {
    const std::lock_guard<std::mutex> Lock(Guard);
    Held.push_back(std::move(One));
    return true;
  }
  bool Dequeue(T& One)
  {
    const std::lock_guard<std::mutex> Lock(Guard);
    if (Held.empty())
    {
      return false;
    }
    One = std::move(Held.front());
    Held.pop_front();
    return true;
  }
  bool IsEmpty() const
  {
    const std::lock_guard<std::mutex> Lock(Guard);
    return Held.empty();
  }

private:
  mutable std::mutex Guard;
  std::deque<T> Held;
};
