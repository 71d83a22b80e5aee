// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"
#include "HAL/Runnable.h"

#include <thread>

enum EThreadPriority
{
  TPri_Normal,
  TPri_AboveNormal
};

class FRunnableThread
{
public:
  static FRunnableThread* Create(FRunnable* What, const TCHAR*, uint32 = 0, EThreadPriority = TPri_Normal)
  {
    FRunnableThread* Made = new FRunnableThread;
    Made->Held = std::thread([What] { What->Run(); });
    return Made;
  }
  void WaitForCompletion() { Held.join(); }

private:
  std::thread Held;
};
