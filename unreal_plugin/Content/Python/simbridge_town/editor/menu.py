"""The editor's menu entry Tools > Import a SimBridge town, which asks for the folder."""

from __future__ import annotations

import unreal

from ..faults import ImporterFault
from .building import import_town
from .landscape import library

_OWNER = "SimBridge"


def add_entry() -> None:
    """Puts the entry into the Tools menu."""
    menus = unreal.ToolMenus.get()
    entry = unreal.ToolMenuEntry(name=unreal.Name("SimBridgeImportTown"), type=unreal.MultiBlockType.MENU_ENTRY)
    entry.set_label(unreal.Text("Import a SimBridge town..."))
    entry.set_tool_tip(unreal.Text("Makes a level of the unreal/ folder that scenegen wrote."))
    entry.set_string_command(
        unreal.ToolMenuStringCommandType.PYTHON,
        unreal.Name("None"),
        string="from simbridge_town.editor.menu import ask_and_import; ask_and_import()",
    )
    menus.extend_menu(unreal.Name("LevelEditor.MainMenu.Tools")).add_menu_entry(unreal.Name(_OWNER), entry)
    menus.refresh_all_widgets()


def ask_and_import() -> None:
    """Asks for a town's folder and imports it; what goes wrong is said in a dialog and in the log."""
    folder = library().pick_folder("The unreal/ folder of a town")
    if not folder:
        return
    try:
        import_town(folder)
    except ImporterFault as fault:
        unreal.log_error(f"SimBridge: {fault}")
        unreal.EditorDialog.show_message(
            unreal.Text("SimBridge"), unreal.Text(str(fault)), unreal.AppMsgType.OK, unreal.AppReturnType.OK
        )
