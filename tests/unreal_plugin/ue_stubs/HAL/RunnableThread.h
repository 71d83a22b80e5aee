// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"
#include "HAL/Runnable.h"

enum EThreadPriority
{
  TPri_Normal,
  TPri_AboveNormal
};

class FRunnableThread
{
public:
  virtual ~FRunnableThread() = default;
  static FRunnableThread* Create(FRunnable*, const TCHAR* Name, uint32 StackSize = 0, EThreadPriority = TPri_Normal);
  virtual void WaitForCompletion() = 0;
};
