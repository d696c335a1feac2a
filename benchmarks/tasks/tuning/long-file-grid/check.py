from checking import keep_definitions, keep_unchanged

import coast
import grid

letters = grid.parse_grid("abc\ndef\nghi")
assert sorted(grid.neighbors(letters, 0, 0)) == ["b", "d"]
assert sorted(grid.neighbors(letters, 0, 1)) == ["a", "c", "e"]
assert sorted(grid.neighbors(letters, 1, 0)) == ["a", "e", "g"]
assert sorted(grid.neighbors(letters, 2, 2)) == ["f", "h"]
assert sorted(grid.neighbors(letters, 0, 2)) == ["b", "f"]
assert sorted(grid.neighbors(letters, 2, 0)) == ["d", "h"]
assert grid.neighbors(letters, 1, 1) == ["b", "d", "f", "h"]
assert grid.neighbors([["x"]], 0, 0) == []
assert grid.neighbors([[1, 2]], 0, 0) == [2]
assert coast.coast_length(grid.parse_grid("##.\n...\n..#")) == 5
assert (grid.EMPTY, grid.WALL) == (".", "#")
assert grid.format_grid(grid.make_grid(2, 3)) == "...\n..."
assert grid.format_grid(grid.checkerboard(2, 3)) == "#.#\n.#."
assert (grid.height(letters), grid.width(letters), grid.width([])) == (3, 3, 0)
assert grid.is_inside(letters, 2, 2) and not grid.is_inside(letters, -1, 0)
assert grid.get_cell(letters, 3, 0, "?") == "?"
assert grid.get_column(letters, 1) == ["b", "e", "h"]
assert grid.corners(letters) == ["a", "c", "g", "i"]
assert len(grid.border(letters)) == 8
assert grid.find_cells(letters, "f") == [(1, 2)]
assert grid.count_cells(letters, "z") == 0
assert grid.most_common([["a", "b"], ["b", "c"]]) == "b"
assert grid.is_uniform(["a", "a"]) and not grid.is_uniform("ab")
assert grid.set_cell(letters, 0, 0, "x")[0] == ["x", "b", "c"]
assert grid.replace_cells([["a", "b"]], "a", "c") == [["c", "b"]]
board = grid.make_grid(2, 2)
grid.fill_rectangle(board, 1, 1, 5, 5, "x")
assert grid.format_grid(board) == "..\n.x"
assert grid.format_grid(grid.add_frame([["a"]])) == "###\n#a#\n###"
assert grid.format_grid(grid.crop(letters, 1, 1, 2, 2)) == "ef\nhi"
assert grid.format_grid(grid.drop_row(letters, 1)) == "...\nabc\nghi"
assert grid.format_grid(grid.transpose(letters)) == "adg\nbeh\ncfi"
assert grid.format_grid(grid.flip_horizontal(letters)) == "cba\nfed\nihg"
assert grid.format_grid(grid.flip_vertical(letters)) == "ghi\ndef\nabc"
assert grid.format_grid(grid.rotate_right(letters)) == "gda\nheb\nifc"
assert grid.format_grid(grid.rotate_left(letters)) == "cfi\nbeh\nadg"
assert grid.format_grid(grid.shift_right(letters)) == "cab\nfde\nigh"
assert grid.count_around(letters, 0, 0, "e") == 1
assert grid.steps_between((0, 0), (2, 3)) == 5
assert grid.region(grid.parse_grid("##.\n.#.\n#.."), 0, 0) == [(0, 0), (0, 1), (1, 1)]
assert grid.count_regions(grid.parse_grid("##.\n.#.\n#.."), "#") == 2
copied = grid.copy_grid(letters)
copied[0][0] = "x"
assert letters == grid.parse_grid("abc\ndef\nghi")
keep_definitions("grid.py")
keep_unchanged("coast.py")
