// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

class UBlueprintFunctionLibrary : public UObject
{
};
