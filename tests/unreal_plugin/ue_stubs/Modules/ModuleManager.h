// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "Modules/ModuleInterface.h"

class FDefaultModuleImpl : public IModuleInterface
{
};

class FModuleManager
{
public:
  static FModuleManager& Get();
  bool IsModuleLoaded(const FName) const;
};

#define IMPLEMENT_MODULE(Class, Name) \
  IModuleInterface* UeStubMake##Name() \
  { \
    return new Class; \
  }
