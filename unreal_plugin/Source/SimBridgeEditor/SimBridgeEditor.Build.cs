// The editor module: what the importer's Python cannot do by itself, most of all a landscape from a height map.

using UnrealBuildTool;

public class SimBridgeEditor : ModuleRules
{
	public SimBridgeEditor(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "Landscape", "NavigationSystem" });
		PrivateDependencyModuleNames.AddRange(new string[] {
			"AssetRegistry", "DesktopPlatform", "ImageCore", "Slate", "SlateCore", "UnrealEd"
		});
	}
}
