"""The few OpenUSD specs that the exporter writes, authored straight into layers: quick, and in a fixed order."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pxr import Gf, Sdf, Tf, Vt

from bridge.scene import Instance, Material, Mesh

Types = Sdf.ValueTypeNames


def new_layer(suffix: str = ".usda") -> Any:
    """An empty layer with the stage's metadata: metres, kilograms, Z up, default prim World."""
    layer = Sdf.Layer.CreateAnonymous(suffix)
    root = layer.pseudoRoot
    for key, value in (("metersPerUnit", 1.0), ("kilogramsPerUnit", 1.0), ("upAxis", "Z")):
        root.SetInfo(key, value)
    layer.defaultPrim = "World"
    return layer


def save(layer: Any, path: Path) -> Path:
    """Writes a layer, as text or as a crate by the file's suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    layer.Export(str(path))
    return path


def prim(parent: Any, name: str, type_name: str = "", *, over: bool = False, kind: str = "") -> Any:
    """A child of a prim or of a layer; found again if it is there."""
    root = parent.pseudoRoot if isinstance(parent, Sdf.Layer) else parent
    spec = root.nameChildren.get(name)
    if spec is None:
        specifier = Sdf.SpecifierOver if over else Sdf.SpecifierDef
        spec = Sdf.PrimSpec(root, name, specifier, type_name)
    if kind:
        spec.kind = kind
    return spec


def new_prim(parent: Any, name: str, type_name: str = "", *, kind: str = "") -> Any:
    """A child of a prim that has none of that name."""
    spec = Sdf.PrimSpec(parent, name, Sdf.SpecifierDef, type_name)
    if kind:
        spec.kind = kind
    return spec


def set_attribute(spec: Any, name: str, kind: Any, value: Any, *, uniform: bool = False, custom: bool = False) -> Any:
    """An attribute with its default value."""
    variability = Sdf.VariabilityUniform if uniform else Sdf.VariabilityVarying
    attribute = Sdf.AttributeSpec(spec, name, kind, variability, declaresCustom=custom)
    attribute.default = value
    return attribute


def relate(spec: Any, name: str, target: Any) -> None:
    """A relationship to one prim."""
    Sdf.RelationshipSpec(spec, name, custom=False).targetPathList.explicitItems = [Sdf.Path(target)]


def apply(spec: Any, *schemas: str) -> None:
    """Applies API schemas, after those the prim has already."""
    present = spec.GetInfo("apiSchemas") if spec.HasInfo("apiSchemas") else Sdf.TokenListOp()
    names = [*present.prependedItems, *(schema for schema in schemas if schema not in present.prependedItems)]
    spec.SetInfo("apiSchemas", Sdf.TokenListOp.Create(prependedItems=names))


def place(spec: Any, pose: ArrayLike, scale: Any = None) -> None:
    """Translation, rotation and scale from a pose (7,) as position [m] and quat_wxyz, and a scale (3,)."""
    x, y, z, *quat = (float(number) for number in np.asarray(pose))
    order = ["xformOp:translate", "xformOp:orient"]
    set_attribute(spec, "xformOp:translate", Types.Double3, Gf.Vec3d(x, y, z))
    set_attribute(spec, "xformOp:orient", Types.Quatd, Gf.Quatd(*quat))
    if scale is not None and np.any(np.asarray(scale) != 1):
        set_attribute(spec, "xformOp:scale", Types.Double3, Gf.Vec3d(*(float(number) for number in scale)))
        order.append("xformOp:scale")
    set_attribute(spec, "xformOpOrder", Types.TokenArray, Vt.TokenArray(order), uniform=True)


def set_mesh(spec: Any, mesh: Mesh, looks: Mapping[str, Any]) -> None:
    """Points, faces, normals and extent of a mesh, and its materials: one binding, or a subset of faces for each."""
    set_shape(spec, mesh.vertices, mesh.triangles, mesh.normals)
    names = list(dict.fromkeys(mesh.materials))
    material = np.array([names.index(name) for name in mesh.materials])[mesh.material]
    used = np.unique(material).tolist()
    if len(used) == 1:
        bind(spec, looks[names[used[0]]])
        return
    set_attribute(spec, "subsetFamily:materialBind:familyType", Types.Token, "partition", uniform=True)
    order = np.argsort(material, kind="stable").astype(np.int32)
    ends = np.cumsum(np.bincount(material, minlength=len(names)))
    prims = identifiers(names)
    for index in used:
        subset = new_prim(spec, prims[index], "GeomSubset")
        set_attribute(subset, "familyName", Types.Token, "materialBind", uniform=True)
        faces = order[(ends[index - 1] if index else 0) : ends[index]]
        set_attribute(subset, "indices", Types.IntArray, Vt.IntArray.FromNumpy(np.ascontiguousarray(faces)))
        bind(subset, looks[names[index]])


def set_shape(spec: Any, vertices: NDArray, triangles: NDArray, normals: NDArray | None = None) -> None:
    """The geometry alone of triangles that are not to be subdivided; without `normals` (n,3) its faces are flat."""
    interpolation = "vertex"
    if normals is None:
        a, b, c = np.moveaxis(vertices[triangles].astype(np.float64), 1, 0)
        normals, interpolation = np.cross(b - a, c - a), "uniform"
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit = np.where(length > 0, normals / np.maximum(length, 1e-30), [0.0, 0.0, 1.0])
    set_attribute(spec, "normals", Types.Normal3fArray, vectors(unit)).SetInfo("interpolation", interpolation)
    set_attribute(spec, "points", Types.Point3fArray, vectors(vertices))
    flat = np.ascontiguousarray(triangles.reshape(-1), dtype=np.int32)
    set_attribute(spec, "faceVertexIndices", Types.IntArray, Vt.IntArray.FromNumpy(flat))
    set_attribute(spec, "faceVertexCounts", Types.IntArray, Vt.IntArray(len(triangles), 3))
    set_attribute(spec, "subdivisionScheme", Types.Token, "none", uniform=True)
    set_extent(spec, vertices.min(axis=0), vertices.max(axis=0))


def set_extent(spec: Any, low: ArrayLike, high: ArrayLike) -> None:
    """The extent of a boundable prim, in its own frame."""
    set_attribute(spec, "extent", Types.Float3Array, vectors(np.array([low, high])))


def bind(spec: Any, look: Any) -> None:
    """Binds a material."""
    apply(spec, "MaterialBindingAPI")
    relate(spec, "material:binding", look)


def add_materials(parent: Any, materials: Sequence[Material], *, lamps_lit: bool) -> dict[str, Any]:
    """UsdPreviewSurface materials under a scope; their paths by name."""
    names = [material.name for material in materials]
    pairs = zip(materials, identifiers(names), strict=True)
    return {material.name: _add_material(parent, name, material, lamps_lit) for material, name in pairs}


def _add_material(parent: Any, name: str, material: Material, lamps_lit: bool) -> Any:
    spec = new_prim(parent, name, "Material")
    shader = new_prim(spec, "Surface", "Shader")
    set_attribute(shader, "info:id", Types.Token, "UsdPreviewSurface", uniform=True)
    set_attribute(shader, "inputs:diffuseColor", Types.Color3f, Gf.Vec3f(*material.base_color))
    set_attribute(shader, "inputs:roughness", Types.Float, material.roughness)
    set_attribute(shader, "inputs:metallic", Types.Float, material.metallic)
    if max(material.emission) > 0:
        shines = lamps_lit or not material.glows_at_night
        set_attribute(shader, "inputs:emissiveColor", Types.Color3f, Gf.Vec3f(*material.emission) * float(shines))
    Sdf.AttributeSpec(shader, "outputs:surface", Types.Token)
    output = Sdf.AttributeSpec(spec, "outputs:surface", Types.Token)
    output.connectionPathList.explicitItems = [shader.path.AppendProperty("outputs:surface")]
    set_attribute(spec, "simbridge:pattern", Types.Token, material.pattern, uniform=True, custom=True)
    return spec.path


def label(spec: Any, row: Instance) -> None:
    """Class and kind for Isaac Sim 5 and later (UsdSemantics) and for 4 (SemanticsAPI), and the id for everybody."""
    apply(spec, "SemanticsLabelsAPI:class", "SemanticsLabelsAPI:kind", "SemanticsAPI:Semantics")
    set_attribute(spec, "semantics:labels:class", Types.TokenArray, Vt.TokenArray([row.semantic]))
    set_attribute(spec, "semantics:labels:kind", Types.TokenArray, Vt.TokenArray([row.kind]))
    set_attribute(spec, "semantic:Semantics:params:semanticType", Types.String, "class", custom=True)
    set_attribute(spec, "semantic:Semantics:params:semanticData", Types.String, row.semantic, custom=True)
    set_attribute(spec, "simbridge:id", Types.Int, row.id, uniform=True, custom=True)


def vectors(array: NDArray) -> Any:
    """A Vec3fArray of an array (n,3)."""
    return Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(array, dtype=np.float32))


def identifier(name: str) -> str:
    """A name as USD can take it: "house-1" becomes house_1."""
    return Tf.MakeValidIdentifier(name)


def identifiers(names: Sequence[str]) -> list[str]:
    """Identifiers of several names, made different where they would be equal."""
    taken: set[str] = set()
    found = []
    for name in names:
        base = wanted = identifier(name)
        count = 1
        while wanted in taken:
            count += 1
            wanted = f"{base}_{count}"
        taken.add(wanted)
        found.append(wanted)
    return found
