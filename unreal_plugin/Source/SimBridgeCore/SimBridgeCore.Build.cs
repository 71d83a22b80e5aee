// How Unreal builds the engine-free core: its C++17 and nanopb's C, compiled into one module, without exceptions and RTTI.
using System.IO;
using UnrealBuildTool;

public class SimBridgeCore : ModuleRules
{
	public SimBridgeCore(ReadOnlyTargetRules Target) : base(Target)
	{
		// The core includes what it uses and knows no engine: no shared header, and one object a source, as CMake builds it.
		PCHUsage = PCHUsageMode.NoPCHs;
		bUseUnity = false;
		bEnableExceptions = false;
		bUseRTTI = false;
		// Tells the few lines that are for Unreal alone (SimBridgeCoreModule.cpp) that they are in it.
		PrivateDefinitions.Add("SIMBRIDGE_IN_UNREAL=1");

		// Core alone: the module macro needs it.
		PrivateDependencyModuleNames.Add("Core");
		PrivateIncludePaths.Add(Path.Combine(ModuleDirectory, "..", "ThirdParty", "nanopb"));
		PrivateIncludePaths.Add(Path.Combine(ModuleDirectory, "Private", "Proto"));
	}
}
