"""A module that stands in for `unreal`: it has what the stub declares and nothing else, and remembers what was done.

Every name, argument, type and property is held against the declared API, so that a call that Unreal does not know fails
the test. What a call does is told below, for the few that later calls depend on.
"""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.scene_gen.glb_file import read_glb
from tests.unreal_plugin.unreal_api import Signature, functions, lineage

_PLAIN = {"int", "int32", "float", "double", "bool", "str", "Name", "Text", "None", "Any", "object", "uint8", "int64"}


class Editor:
    """What the fake editor holds: actors in the order of their making, assets by path, lines of its log, and every call."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.levels, self.saved = folder, [], []
        self.actors: list[Any] = []
        self.assets: dict[str, Any] = {}
        self.lines: list[str] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.unknown: set[str] = set()
        """Names of properties that an older or newer Unreal than the declared one does not have."""
        self.module = _Module(self)

    def actors_of(self, kind: str) -> list[Any]:
        """Actors of exactly one class."""
        return [actor for actor in self.actors if type(actor).__name__ == kind]

    def asset(self, path: str) -> Any:
        """The asset at a path."""
        return self.assets[path]


class _Module(ModuleType):
    def __init__(self, editor: Editor) -> None:
        super().__init__("unreal")
        self.__dict__["_editor"], self.__dict__["_types"] = editor, {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in functions():
            return _called(self._editor, name, functions()[name], None)
        return self._type(name)

    def _type(self, name: str) -> type:
        if name not in self._types:
            declared = lineage(name)
            if not declared:
                raise AttributeError(f"module 'unreal' has no attribute '{name}'")
            base = self._type(declared[0].base) if len(declared) > 1 else _Object
            self._types[name] = _Kind(name, (base,), {"_editor": self._editor})
        return self._types[name]

    def add(self, name: str, methods: dict[str, Signature]) -> None:
        """Declares a class that is no part of Unreal."""
        editor = self._editor
        members = {key: _called(editor, f"{name}.{key}", signature, None) for key, signature in methods.items()}
        self._types[name] = type(name, (), {key: staticmethod(call) for key, call in members.items()})


class _Kind(type):
    """Classes: their constants, static methods and constructor."""

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        made = cls.__new__(cls)
        object.__setattr__(made, "values", {})
        constructor = _declared_method(cls.__name__, "__init__")
        if constructor and constructor.parameters and constructor.parameters[0][0] != "*args":
            bound = constructor.bind(cls.__name__, arguments, named)
            annotations = {name: annotation for name, annotation, _ in constructor.parameters}
            for name, value in bound.items():
                _check(cls._editor, value, annotations[name], f"{cls.__name__}({name})")
            made.values.update(bound)
        elif cls.__name__ in ("Name", "Text"):
            made.values["text"] = str(arguments[0]) if arguments else ""
        return made

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        for declared in lineage(cls.__name__):
            if name in declared.constants:
                constant = object.__new__(cls)
                object.__setattr__(constant, "values", {"constant": name})
                setattr(cls, name, constant)
                return constant
        method = _declared_method(cls.__name__, name)
        if method is not None and method.is_of_class:
            return _called(cls._editor, f"{cls.__name__}.{name}", method, cls)
        raise AttributeError(f"unreal.{cls.__name__} has no '{name}' without an object")


class _Object(metaclass=_Kind):
    """Objects: methods, properties, editor properties."""

    values: dict[str, Any]
    _editor: Editor

    def __getattr__(self, name: str) -> Any:
        kind = type(self).__name__
        method = _declared_method(kind, name)
        if method is not None:
            return _called(self._editor, f"{kind}.{name}", method, self)
        if name in self._editor.unknown:
            raise AttributeError(f"unreal.{kind} has no '{name}'")
        annotation, _ = _declared_property(kind, name)
        return self._value(name, annotation)

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(self).__name__
        annotation, can_be_set = _declared_property(kind, name)
        if not can_be_set:
            raise AttributeError(f"'{name}' of unreal.{kind} can be read only")
        _check(self._editor, value, annotation, f"{kind}.{name}")
        self.values[name] = value

    def _value(self, name: str, annotation: str) -> Any:
        if name not in self.values:
            self.values[name] = _default(self._editor, annotation)
        return self.values[name]

    def __enter__(self) -> "_Object":
        assert _declared_method(type(self).__name__, "__enter__")
        return self

    def __exit__(self, *_: object) -> None:
        assert _declared_method(type(self).__name__, "__exit__")

    def __str__(self) -> str:
        return str(self.values.get("text", self.values.get("value", self.values.get("constant", type(self).__name__))))


def _declared_method(kind: str, name: str) -> Signature | None:
    return next((declared.methods[name] for declared in lineage(kind) if name in declared.methods), None)


def _declared_property(kind: str, name: str) -> tuple[str, bool]:
    for declared in lineage(kind):
        if name in declared.attributes:
            return declared.attributes[name]
    raise AttributeError(f"unreal.{kind} has no '{name}'")


def _declared_editor_property(kind: str, name: str) -> str:
    for declared in lineage(kind):
        if name in declared.editor_properties:
            return declared.editor_properties[name]
    raise AttributeError(f"unreal.{kind} has no editor property '{name}'")


def _called(editor: Editor, name: str, signature: Signature, subject: Any) -> Callable[..., Any]:
    """The function of a name: holds its arguments against the signature, does what is told of it, answers by its type."""

    def call(*arguments: Any, **named: Any) -> Any:
        bound = signature.bind(name, arguments, named)
        for key, annotation, _ in signature.parameters:
            if key in bound:
                _check(editor, bound[key], annotation, f"{name}({key})")
        editor.calls.append((name, {"self": subject, **bound}))
        method = name.rpartition(".")[2]
        if method in ("get_editor_property", "set_editor_property") and isinstance(subject, _Object):
            if bound["name"] in editor.unknown:
                raise AttributeError(f"unreal.{type(subject).__name__} has no editor property '{bound['name']}'")
            annotation = _declared_editor_property(type(subject).__name__, bound["name"])
            if method == "get_editor_property":
                return subject._value(bound["name"], annotation)
            _check(editor, bound["value"], annotation, f"{name}({bound['name']})")
            subject.values[bound["name"]] = bound["value"]
            return None
        deed = DEEDS.get(method)
        return deed(editor, subject, bound) if deed else _default(editor, signature.returns)

    return call


def _check(editor: Editor, value: Any, annotation: str, where: str) -> None:
    """Raises TypeError where Unreal would not take a value for a type."""
    inner = re.fullmatch(r"(?:Array|Optional)\[(.*)\]", annotation)
    if inner and annotation.startswith("Array"):
        if not isinstance(value, list):
            raise TypeError(f"{where} is a list of {inner[1]}; {value!r} was given")
        for item in value:
            _check(editor, item, inner[1], where)
        return
    if annotation.startswith(("Union", "Type", "type", "Mapping", "Callable")) or annotation in ("Any", "object"):
        return
    fits = {
        "int": lambda: isinstance(value, int) and not isinstance(value, bool),
        "float": lambda: isinstance(value, int | float) and not isinstance(value, bool),
        "bool": lambda: isinstance(value, bool),
        "str": lambda: isinstance(value, str),
        "Class": lambda: isinstance(value, _Kind),
    }
    fits |= {"int32": fits["int"], "uint32": fits["int"], "uint8": fits["int"], "double": fits["float"]}
    if annotation in fits:
        good = fits[annotation]()
    elif annotation in ("Name", "Text"):
        good = isinstance(value, str) or type(value).__name__ == annotation
    else:
        good = value is None or isinstance(value, editor.module._type(inner[1] if inner else annotation))
    if not good:
        raise TypeError(f"{where} is of type {annotation}; {value!r} was given")


def _default(editor: Editor, annotation: str) -> Any:
    """An answer of a type: yes, nothing, or a new object."""
    plain = {"bool": True, "int": 0, "int32": 0, "float": 0.0, "str": "", "None": None, "Any": None, "object": None}
    if annotation in plain:
        return plain[annotation]
    if annotation.startswith("Array"):
        return []
    if annotation.startswith("Optional"):
        return _default(editor, annotation[9:-1])
    if annotation.startswith("Tuple"):
        return tuple(_default(editor, part.strip()) for part in annotation[6:-1].split(","))
    made = object.__new__(editor.module._type(annotation))
    object.__setattr__(made, "values", {})
    return made


def _new_actor(editor: Editor, _: Any, bound: dict) -> Any:
    actor = bound["actor_class"]()
    editor.actors.append(actor)
    return actor


def _import(editor: Editor, _: Any, bound: dict) -> list[Any]:
    """As Interchange does: an asset a mesh, called after the file where there is one mesh and after the mesh otherwise."""
    path = Path(bound["source_data"].values["file_name"])
    assert path.is_absolute()
    document, _binary = read_glb(path)
    made = []
    for mesh in document["meshes"]:
        name = path.stem if len(document["meshes"]) == 1 else mesh["name"]
        asset = editor.module.StaticMesh()
        slots = []
        for primitive in mesh["primitives"]:
            slot = editor.module.StaticMaterial()
            slot.values["imported_material_slot_name"] = document["materials"][primitive["material"]]["name"]
            slots.append(slot)
        asset.values.update(static_materials=slots, name=name)
        editor.assets[f"{bound['content_path']}/{name}"] = asset
        made.append(asset)
    return made


def _source(editor: Editor, _: Any, bound: dict) -> Any:
    source = editor.module.InterchangeSourceData()
    source.values["file_name"] = bound["file_name"]
    return source


def _new_asset(editor: Editor, _: Any, bound: dict) -> Any:
    path = f"{bound['package_path']}/{bound['asset_name']}"
    if path in editor.assets:
        return None
    asset = bound["asset_class"]()
    asset.values["name"] = bound["asset_name"]
    editor.assets[path] = asset
    return asset


def _remove(editor: Editor, _: Any, bound: dict) -> bool:
    gone = [path for path in editor.assets if path.startswith(bound["directory_path"] + "/")]
    for path in gone:
        del editor.assets[path]
    return True


def _subobject(editor: Editor, _: Any, bound: dict) -> tuple[Any, Any]:
    handle = bound["params"].values["parent_handle"]
    actor = handle.values["actor"]
    actor.values.setdefault("components", []).append(bound["params"].values["new_class"]())
    return editor.module.SubobjectDataHandle(), editor.module.Text("")


def _gathered(editor: Editor, _: Any, bound: dict) -> list[Any]:
    handle = editor.module.SubobjectDataHandle()
    handle.values["actor"] = bound["context"]
    return [handle]


def _component(_: Editor, subject: Any, bound: dict) -> Any:
    return next((c for c in subject.values.get("components", []) if isinstance(c, bound["component_class"])), None)


def _number(_: Editor, subject: Any, bound: dict) -> bool:
    assert 0 <= bound["instance_index"] < len(subject.values["instances"])
    assert 0 <= bound["custom_data_index"] < subject.values["num_custom_data_floats"]
    subject.values.setdefault("custom", {})[bound["instance_index"]] = bound["custom_data_value"]
    return True


def _joined(_: Editor, __: Any, bound: dict) -> bool:
    bound["to_expression"].values.setdefault("inputs", {})[bound["to_input_name"]] = bound["from_expression"]
    return True


def _shown(_: Editor, __: Any, bound: dict) -> bool:
    bound["from_expression"].values["material"].values.setdefault("shows", {})[str(bound["property_"])] = bound[
        "from_expression"
    ]
    return True


def _expression(_: Editor, __: Any, bound: dict) -> Any:
    made = bound["expression_class"]()
    made.values["material"] = bound["material"]
    return made


def _kept(key: str, of: str) -> Callable[[Editor, Any, dict], Any]:
    def keep(_: Editor, subject: Any, bound: dict) -> bool:
        subject.values[key] = bound[of]
        return True

    return keep


def _landscape(editor: Editor, _: Any, bound: dict) -> tuple[Any, str]:
    made = editor.module.Landscape()
    made.values["import"] = bound
    editor.actors.append(made)
    return made, ""


def _bounds(editor: Editor, _: Any, bound: dict) -> Any:
    made = editor.module.NavMeshBoundsVolume()
    made.values["box"] = bound
    editor.actors.append(made)
    return made


def _told(editor: Editor, _: Any, bound: dict) -> None:
    editor.lines.append(str(bound["arg"]))


DEEDS: dict[str, Callable[[Editor, Any, dict], Any]] = {
    "get_editor_subsystem": lambda editor, _, bound: bound["subsystem"](),
    "get_engine_subsystem": lambda editor, _, bound: bound["subsystem"](),
    "static_class": lambda editor, subject, _: subject if isinstance(subject, type) else type(subject),
    "get_name": lambda editor, subject, _: subject.values["name"],
    "get_path_name": lambda editor, subject, _: f"/Engine/Transient.{type(subject).__name__}_0",
    "spawn_actor_from_class": _new_actor,
    "set_actor_transform": _kept("transform", "new_transform"),
    "set_actor_label": _kept("label", "new_actor_label"),
    "set_folder_path": _kept("folder", "new_folder_path"),
    "set_static_mesh": _kept("static_mesh", "new_mesh"),
    "set_mobility": _kept("mobility", "new_mobility"),
    "set_simulate_physics": _kept("simulates", "simulate"),
    "set_mass_override_in_kg": _kept("mass_kg", "mass_in_kg"),
    "set_default_custom_primitive_data_float": _kept("id", "value"),
    "set_custom_depth_stencil_value": _kept("stencil", "value"),
    "set_intensity": _kept("lit", "new_intensity"),
    "set_visibility": _kept("visible", "new_visibility"),
    "set_field_of_view": _kept("fov", "field_of_view"),
    "add_instances": _kept("instances", "instance_transforms"),
    "get_instance_count": lambda editor, subject, _: len(subject.values.get("instances", [])),
    "set_custom_data_value": _number,
    "set_material": lambda editor, subject, bound: subject.values.setdefault("materials", {}).update(
        {bound["material_index"]: bound["new_material"]}
    ),
    "k2_gather_subobject_data_for_instance": _gathered,
    "add_new_subobject": _subobject,
    "get_component_by_class": _component,
    "create_asset": _new_asset,
    "create_material_expression": _expression,
    "connect_material_expressions": _joined,
    "connect_material_property": _shown,
    "create_source_data": _source,
    "import_asset": _import,
    "list_assets": lambda editor, _, bound: [p for p in editor.assets if p.startswith(bound["directory_path"] + "/")],
    "load_asset": lambda editor, _, bound: editor.assets.get(bound["asset_path"]),
    "does_asset_exist": lambda editor, _, bound: bound["asset_path"] in editor.assets,
    "delete_asset": lambda editor, _, bound: editor.assets.pop(bound["asset_path_to_delete"], None) is not None,
    "does_directory_exist": lambda editor, _, bound: any(
        path.startswith(bound["directory_path"] + "/") for path in editor.assets
    ),
    "delete_directory": _remove,
    "save_directory": lambda editor, _, bound: editor.saved.append(bound["directory_path"]) or True,
    "save_current_level": lambda editor, *_: editor.saved.append("level") or True,
    "new_level": lambda editor, _, bound: editor.levels.append(bound["asset_path"]) or True,
    "project_saved_dir": lambda editor, *_: editor.folder.as_posix(),
    "convert_relative_path_to_full": lambda editor, _, bound: bound["path"],
    "import_landscape": _landscape,
    "spawn_nav_mesh_bounds": _bounds,
    "pick_folder": lambda editor, *_: editor.folder.as_posix(),
    "log": _told,
    "log_error": _told,
    "is_unattended": lambda *_: False,
}
"""What calls do, by the method's name: only those on whose doing later calls or the tests depend."""
