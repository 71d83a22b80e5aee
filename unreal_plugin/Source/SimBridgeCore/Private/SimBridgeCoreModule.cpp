// What Unreal wants of every module: that this one is there. Nothing of it is compiled anywhere else.
#ifdef SIMBRIDGE_IN_UNREAL

#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, SimBridgeCore)

#endif
