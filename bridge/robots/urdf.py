"""URDF made ready for MuJoCo: meshes found where ROS packages keep them, looks kept, nothing thrown away."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from bridge.errors import InvalidInput

_READS = (".stl", ".obj", ".msh")


def readable_urdf(path: Path) -> str:
    """The text of a URDF whose meshes are absolute paths. Raises InvalidInput for what is missing or unreadable."""
    try:
        root = ElementTree.parse(path).getroot()
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise InvalidInput(f"Robot '{path}' is no XML: {error}. Give a URDF as `xacro` writes it.") from error
    if root.tag != "robot":
        raise InvalidInput(f"'{path}' begins with <{root.tag}>, not <robot>. Give a URDF, or an MJCF as .xml.")
    if any("}" in str(element.tag) and "xacro" in str(element.tag) for element in root.iter()):
        raise InvalidInput(f"'{path}' is a xacro macro file. Expand it first: xacro {path.name} > {path.stem}.urdf")
    for mesh in root.iter("mesh"):
        mesh.set("filename", str(_found(mesh.get("filename", ""), path)))
    extension = root.find("mujoco")
    extension = ElementTree.SubElement(root, "mujoco") if extension is None else extension
    compiler = extension.find("compiler")
    compiler = ElementTree.SubElement(extension, "compiler") if compiler is None else compiler
    for name, value in (("strippath", "false"), ("discardvisual", "false"), ("fusestatic", "false")):
        compiler.set(name, value)
    for name in ("meshdir", "texturedir"):
        compiler.attrib.pop(name, None)
    for name, value in (("balanceinertia", "true"), ("boundmass", "1e-4"), ("boundinertia", "1e-7")):
        compiler.set(name, compiler.get(name, value))
    return ElementTree.tostring(root, encoding="unicode")


def _found(name: str, urdf: Path) -> Path:
    """The file a mesh is in: package:// paths are looked for beside and above the description."""
    if name.startswith("package://"):
        package, _, rest = name.removeprefix("package://").partition("/")
        tries = [folder / part for folder in urdf.resolve().parents for part in (f"{package}/{rest}", rest)]
    else:
        tries = [urdf.resolve().parent / name.removeprefix("file://")]
    found = next((path for path in tries if path.is_file()), None)
    if found is None:
        raise InvalidInput(
            f"Robot '{urdf}' shows '{name}', which is not there (looked in {tries[0].parent}"
            f"{' and above' if len(tries) > 1 else ''}). Put the mesh there, or correct its path."
        )
    if found.suffix.lower() not in _READS:
        raise InvalidInput(
            f"Robot '{urdf}' shows '{name}'. Meshes are read as {', '.join(_READS)}: convert it (Blender and MeshLab do), "
            "and name the new file."
        )
    return found
