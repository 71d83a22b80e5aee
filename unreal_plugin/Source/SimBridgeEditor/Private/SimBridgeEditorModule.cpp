// The editor module has nothing to start or to stop: its functions are called from Python.

#include "Modules/ModuleManager.h"

IMPLEMENT_MODULE(FDefaultModuleImpl, SimBridgeEditor)
