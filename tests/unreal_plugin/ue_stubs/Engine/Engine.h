// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

enum class EGetWorldErrorMode
{
  ReturnNull,
  LogAndReturnNull,
  Assert
};

class UEngine : public UObject
{
public:
  UWorld* GetWorldFromContextObject(const UObject*, EGetWorldErrorMode) const;
};
extern UEngine* GEngine;
