// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

enum class EEventMode
{
  AutoReset,
  ManualReset
};

class FEvent
{
public:
  virtual ~FEvent() = default;
  virtual void Trigger() = 0;
  bool Wait(const FTimespan&, const bool bIgnoreThreadIdleStats = false);
};

class FEventRef
{
public:
  explicit FEventRef(EEventMode Mode = EEventMode::AutoReset);
  FEvent* operator->() const;
};
