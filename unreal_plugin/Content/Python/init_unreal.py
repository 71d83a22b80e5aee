"""Run by the editor when it starts with the plug-in enabled: adds the menu entry, where there are menus."""

import unreal

if not unreal.SystemLibrary.is_unattended():
    from simbridge_town.editor.menu import add_entry

    add_entry()
