// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

enum class EEventMode
{
  AutoReset,
  ManualReset
};

class FEvent
{
public:
  void Trigger()
  {
    const std::lock_guard<std::mutex> Lock(Guard);
    bIsSet = true;
    Changed.notify_one();
  }
  bool Wait(const FTimespan& Time, const bool = false)
  {
    std::unique_lock<std::mutex> Lock(Guard);
    const bool bWasSet = Changed.wait_for(Lock, std::chrono::duration<double>(Time.Held), [this] { return bIsSet; });
    bIsSet = false;
    return bWasSet;
  }

private:
  std::mutex Guard;
  std::condition_variable Changed;
  bool bIsSet = false;
};

class FEventRef
{
public:
  explicit FEventRef(EEventMode = EEventMode::AutoReset) {}
  FEvent* operator->() const { return &Held; }

private:
  mutable FEvent Held;
};
