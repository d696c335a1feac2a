"""The colors of a theme."""

from pathlib import Path

from colors import hex_to_rgb


def describe(name, color):
    """Write a line about a color."""
    red, green, blue = hex_to_rgb(color)
    return f"{name}: red {red}, green {green}, blue {blue}"


def brightness(color):
    """Give how bright a color is, from 0 to 255."""
    red, green, blue = hex_to_rgb(color)
    return (red * 299 + green * 587 + blue * 114) // 1000


def is_dark(color):
    """Tell whether white text can be read on a color."""
    return brightness(color) < 128


def main():
    """Print a line for each color of theme.txt."""
    for line in Path("theme.txt").read_text().splitlines():
        name, color = line.split()
        print(describe(name, color) + (" (dark)" if is_dark(color) else ""))


if __name__ == "__main__":
    main()
