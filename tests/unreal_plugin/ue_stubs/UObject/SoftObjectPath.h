// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

struct FSoftObjectPath
{
  FSoftObjectPath() = default;
  explicit FSoftObjectPath(const FString&);
  UObject* TryLoad() const;
  bool IsValid() const;
  FString ToString() const;
};

struct FSoftClassPath : public FSoftObjectPath
{
  template <typename T>
  UClass* TryLoadClass() const;
};
