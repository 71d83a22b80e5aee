"""A material's graph written as arithmetic: each call adds one node and gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import unreal

from ..faults import ImportFailed
from .values import color

Node = unreal.MaterialExpression
_LIBRARY = unreal.MaterialEditingLibrary


class Graph:
    """The nodes of one material. Raises ImportFailed where Unreal does not connect two of them."""

    def __init__(self, material: unreal.Material) -> None:
        self._material, self._count = material, 0

    def vector(self, name: str, default: Sequence[float]) -> Node:
        """A parameter that is a linear colour."""
        default_value = color(default)
        return self._made(
            unreal.MaterialExpressionVectorParameter, parameter_name=unreal.Name(name), default_value=default_value
        )

    def scalar(self, name: str, default: float) -> Node:
        """A parameter that is a number."""
        return self._made(
            unreal.MaterialExpressionScalarParameter, parameter_name=unreal.Name(name), default_value=default
        )

    def constant(self, rgb: Sequence[float]) -> Node:
        """A linear colour that no instance changes."""
        return self._made(unreal.MaterialExpressionConstant3Vector, constant=color(rgb))

    def up(self) -> Node:
        """How much a surface faces up: 1 lying, 0 standing, -1 hanging."""
        mask = self._made(unreal.MaterialExpressionComponentMask, r=False, g=False, b=True, a=False)
        self._join(self._made(unreal.MaterialExpressionVertexNormalWS), mask, "")
        return mask

    def times(self, a: Node, b: Node | float) -> Node:
        """a * b."""
        return self._of_two(unreal.MaterialExpressionMultiply, a, b)

    def plus(self, a: Node, b: Node | float) -> Node:
        """a + b."""
        return self._of_two(unreal.MaterialExpressionAdd, a, b)

    def unit(self, a: Node) -> Node:
        """a, held between 0 and 1."""
        made = self._made(unreal.MaterialExpressionSaturate)
        self._join(a, made, "")
        return made

    def between(self, a: Node, b: Node | float, share: Node) -> Node:
        """a + (b - a) * share."""
        made = self._of_two(unreal.MaterialExpressionLinearInterpolate, a, b)
        self._join(share, made, "Alpha")
        return made

    def layers(self, inputs: list[unreal.LayerBlendInput]) -> Node:
        """A landscape's layers, blended by their weights."""
        return self._made(unreal.MaterialExpressionLandscapeLayerBlend, layers=inputs)

    def goes_to(self, node: Node, target: unreal.MaterialProperty) -> None:
        """Makes a node what the material shows."""
        if not _LIBRARY.connect_material_property(node, "", target):
            raise ImportFailed(f"Unreal did not connect a material's {target}. See the output log above this line.")

    def _of_two(self, kind: Any, a: Node, b: Node | float) -> Node:
        made = self._made(kind) if isinstance(b, Node) else self._made(kind, const_b=float(b))
        self._join(a, made, "A")
        if isinstance(b, Node):
            self._join(b, made, "B")
        return made

    def _made(self, kind: Any, **properties: Any) -> Node:
        self._count += 1
        made = _LIBRARY.create_material_expression(
            self._material, kind, 160 * (self._count % 12) - 2200, 160 * (self._count // 12)
        )
        for name, value in properties.items():
            made.set_editor_property(name, value)
        return made

    def _join(self, source: Node, target: Node, pin: str) -> None:
        if not _LIBRARY.connect_material_expressions(source, "", target, pin):
            raise ImportFailed(
                f"Unreal did not connect a material's input '{pin}'. See the output log above this line."
            )
