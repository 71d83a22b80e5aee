"""Run by the editor when it starts with the plug-in enabled: adds the menu entry, where there are menus."""

import unreal

_has_windows = "-run=" not in unreal.SystemLibrary.get_command_line().lower()
if _has_windows and not unreal.SystemLibrary.is_unattended():
    from simbridge_town.editor.menu import add_entry

    add_entry()
