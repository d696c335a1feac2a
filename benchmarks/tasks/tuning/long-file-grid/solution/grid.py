"""Grids: lists of rows, which are lists of cells and all of the same length.

A cell may be anything, in most games it is a character. Rows and columns count from 0, the first row is the one at the
top. No function changes the grid that it is given, except for those which say so.
"""

from collections import Counter, deque

EMPTY = "."
WALL = "#"


# Making grids


def make_grid(rows, columns, cell=EMPTY):
    """Give a grid in which all the cells are the same."""
    return [[cell] * columns for _ in range(rows)]


def parse_grid(text):
    """Make a grid of a text with a line for each row and a character for each cell."""
    return [list(line.strip()) for line in text.strip().splitlines()]


def format_grid(grid):
    """Write a grid with a line for each row."""
    return "\n".join("".join(str(cell) for cell in row) for row in grid)


def copy_grid(grid):
    """Give a grid that can be changed without the other one."""
    return [list(row) for row in grid]


def checkerboard(rows, columns, first=WALL, second=EMPTY):
    """Give a grid with two cells in turn, like the squares of a chess board."""
    return [[first if (row + column) % 2 == 0 else second for column in range(columns)] for row in range(rows)]


# What is in a grid


def height(grid):
    """Give the number of rows."""
    return len(grid)


def width(grid):
    """Give the number of columns."""
    return len(grid[0]) if grid else 0


def is_inside(grid, row, column):
    """Tell whether there is such a cell."""
    return 0 <= row < height(grid) and 0 <= column < width(grid)


def get_cell(grid, row, column, default=None):
    """Give a cell, or something else where there is none."""
    return grid[row][column] if is_inside(grid, row, column) else default


def get_column(grid, column):
    """Give the cells of a column, from top to bottom."""
    return [row[column] for row in grid]


def corners(grid):
    """Give the four cells in the corners, by rows."""
    return [grid[0][0], grid[0][-1], grid[-1][0], grid[-1][-1]]


def border(grid):
    """Give the positions of the cells at the edges, by rows."""
    last_row, last_column = height(grid) - 1, width(grid) - 1
    return [(row, column) for row, column in positions(grid) if row in (0, last_row) or column in (0, last_column)]


def positions(grid):
    """Give the row and the column of all cells, row by row."""
    return [(row, column) for row in range(height(grid)) for column in range(width(grid))]


def find_cells(grid, cell):
    """Give the positions of all cells that are like this one."""
    return [(row, column) for row, column in positions(grid) if grid[row][column] == cell]


def count_cells(grid, cell):
    """Count the cells that are like this one."""
    return sum(row.count(cell) for row in grid)


def most_common(grid):
    """Give the cell that comes most often, the first one if there are several."""
    return Counter(cell for row in grid for cell in row).most_common(1)[0][0]


def is_uniform(cells):
    """Tell whether all cells of a row or of a column are the same."""
    return len(set(cells)) <= 1


# Changing grids


def set_cell(grid, row, column, cell):
    """Give a grid in which one cell is another one."""
    changed = copy_grid(grid)
    changed[row][column] = cell
    return changed


def replace_cells(grid, old, new):
    """Give a grid with one kind of cells in place of another."""
    return [[new if cell == old else cell for cell in row] for row in grid]


def fill_rectangle(grid, top, left, rows, columns, cell):
    """Draw a full rectangle into this very grid; what would be outside is left out."""
    for row in range(top, top + rows):
        for column in range(left, left + columns):
            if is_inside(grid, row, column):
                grid[row][column] = cell


def add_frame(grid, cell=WALL):
    """Give a larger grid, with a line of cells around it."""
    edge = [cell] * (width(grid) + 2)
    return [list(edge), *([cell, *row, cell] for row in grid), list(edge)]


def crop(grid, top, left, rows, columns):
    """Cut out a part of a grid."""
    return [row[left : left + columns] for row in grid[top : top + rows]]


def drop_row(grid, row):
    """Take out a row and put an empty one at the top, as when a line is full."""
    kept = [list(cells) for index, cells in enumerate(grid) if index != row]
    return [[EMPTY] * width(grid), *kept]


# Turning grids


def transpose(grid):
    """Make rows of the columns."""
    return [list(column) for column in zip(*grid)]


def flip_horizontal(grid):
    """Swap left and right."""
    return [row[::-1] for row in grid]


def flip_vertical(grid):
    """Swap top and bottom."""
    return [list(row) for row in reversed(grid)]


def rotate_right(grid):
    """Turn a grid by a quarter, clockwise."""
    return transpose(flip_vertical(grid))


def rotate_left(grid):
    """Turn a grid by a quarter, against the clock."""
    return flip_vertical(transpose(grid))


def shift_right(grid, steps=1):
    """Move all the cells to the right; what leaves a row comes in again on its left."""
    steps %= max(width(grid), 1)
    return [row[-steps:] + row[:-steps] if steps else list(row) for row in grid]


# Cells that are near each other


def neighbors(grid, row, column):
    """Give the cells above, on the left, on the right and below."""
    around = [(row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)]
    return [grid[r][c] for r, c in around if is_inside(grid, r, c)]


def count_around(grid, row, column, cell):
    """Count the cells of a kind among the eight around a position."""
    around = [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
    return sum(is_inside(grid, r, c) and grid[r][c] == cell for r, c in around)


def steps_between(start, end):
    """Give how many steps it takes from one position to another if nothing is in the way."""
    return abs(start[0] - end[0]) + abs(start[1] - end[1])


def region(grid, row, column):
    """Give the positions of all cells of the same kind that hang together with this one, sorted."""
    kind = grid[row][column]
    found = {(row, column)}
    waiting = deque(found)
    while waiting:
        r, c = waiting.popleft()
        for near in ((r - 1, c), (r, c - 1), (r, c + 1), (r + 1, c)):
            if near not in found and is_inside(grid, *near) and grid[near[0]][near[1]] == kind:
                found.add(near)
                waiting.append(near)
    return sorted(found)


def count_regions(grid, cell):
    """Count the regions that are made of such cells."""
    seen = set()
    count = 0
    for position in find_cells(grid, cell):
        if position not in seen:
            seen.update(region(grid, *position))
            count += 1
    return count
