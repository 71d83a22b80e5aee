// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

template <typename T>
class TStrongObjectPtr
{
public:
  TStrongObjectPtr() = default;
  explicit TStrongObjectPtr(T*);
  T* Get() const;
  T* operator->() const;
  T& operator*() const;
  bool IsValid() const;
  void Reset(T* What = nullptr);
};
