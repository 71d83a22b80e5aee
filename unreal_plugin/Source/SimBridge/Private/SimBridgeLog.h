// The log category of everything here: LogSimBridge.
#pragma once

#include "CoreMinimal.h"

DECLARE_LOG_CATEGORY_EXTERN(LogSimBridge, Log, All);
