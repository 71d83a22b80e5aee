// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

class UNavigationPath : public UObject
{
public:
  TArray<FVector> PathPoints;
  bool IsValid() const;
  bool IsPartial() const;
};
