"""The example of navigation: it says how it goes while it runs, and one line a policy at the end."""

import re

from examples.navigate import main, progress


def test_it_tells_how_it_goes_and_how_it_went(capsys):
    main(["--agents", "3", "--seed", "1", "--limit-s", "12"])
    said = capsys.readouterr()
    assert re.fullmatch(
        r"(expert|chance): n=3 success=\d.\d+ spl=\d.\d+ collisions=\S+ return=\S+", said.out.split("\n")[0]
    )
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["expert", "chance"]
    lines = said.err.splitlines()
    assert lines[0] == "Opening the town ..."
    assert lines[1] == "expert: 0 s simulated, 0 there, 3 on their way"
    assert [line for line in lines if line.startswith("chance: 10 s simulated, ")]


def test_progress_is_told_once_every_so_often(capsys):
    tell = progress("expert", 10.0)
    for tenths in range(0, 250, 2):
        tell(tenths / 10, 0, 1)
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == ["0", "10", "20"]
