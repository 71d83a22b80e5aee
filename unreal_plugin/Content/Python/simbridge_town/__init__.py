"""A generated town as an Unreal level: everything here but `editor` is plain Python, without Unreal and without NumPy.

Unreal runs this in its own interpreter (3.9 in 5.3, 3.11 from 5.4 on), so only the standard library is at hand, and the
syntax is that of 3.9.
"""
