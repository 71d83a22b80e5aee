// Stand-in for Unreal's own header: what simbridge uses of it, as documented. Not Unreal.
#pragma once

#include "CoreMinimal.h"

struct FParse
{
  static bool Value(const TCHAR* Stream, const TCHAR* Match, FString&, bool bShouldStopOnSeparator = true);
  static bool Value(const TCHAR* Stream, const TCHAR* Match, int32&);
  static bool Value(const TCHAR* Stream, const TCHAR* Match, float&);
  static bool Bool(const TCHAR* Stream, const TCHAR* Match, bool&);
  static bool Param(const TCHAR* Stream, const TCHAR* Param);
};
