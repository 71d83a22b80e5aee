// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Materials/MaterialInterface.h"

class UMaterialInstance : public UMaterialInterface
{
};

class UMaterialInstanceDynamic : public UMaterialInstance
{
public:
  static UMaterialInstanceDynamic* Create(UMaterialInterface* Parent, UObject* Outer);
  void SetVectorParameterValue(FName, FLinearColor);
  void SetScalarParameterValue(FName, float);
  void CopyParameterOverrides(UMaterialInstance*);
};
