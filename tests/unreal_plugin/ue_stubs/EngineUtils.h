// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Engine/World.h"

template <typename T>
class TActorIterator
{
public:
  explicit TActorIterator(const UWorld*);
  void operator++();
  T* operator*() const;
  T* operator->() const;
  explicit operator bool() const;
};
