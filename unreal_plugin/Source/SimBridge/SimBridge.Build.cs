// How Unreal builds the runtime module: which engine modules it needs, and glTFRuntime where that plug-in is beside it.
using System.IO;
using UnrealBuildTool;

public class SimBridge : ModuleRules
{
	public SimBridge(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		// Files keep their anonymous names to themselves.
		bUseUnity = false;

		PublicDependencyModuleNames.AddRange(new string[] { "Core", "CoreUObject", "Engine", "DeveloperSettings" });
		PrivateDependencyModuleNames.AddRange(
			new string[]
			{
				"SimBridgeCore",
				// The way in: a port of its own.
				"Sockets",
				"Networking",
				// A held frame still hears its windows.
				"ApplicationCore",
				// Meshes made at run time, and the ground.
				"MeshDescription",
				"StaticMeshDescription",
				"GeometryCore",
				"GeometryFramework",
				"PhysicsCore",
				// Pictures that come back from the graphics card.
				"RenderCore",
				"RHI",
				// Paths for what Unreal itself steers.
				"NavigationSystem",
				"AIModule",
			});

		// Assets may come from .glb files where the project has glTFRuntime (MIT); without it nothing is lost but that.
		string Beside = Path.Combine(PluginDirectory, "..", "glTFRuntime", "glTFRuntime.uplugin");
		bool bHasGltfRuntime = File.Exists(Beside);
		PrivateDefinitions.Add("SIMBRIDGE_WITH_GLTF=" + (bHasGltfRuntime ? "1" : "0"));
		if (bHasGltfRuntime)
		{
			PrivateDependencyModuleNames.Add("glTFRuntime");
		}
	}
}
