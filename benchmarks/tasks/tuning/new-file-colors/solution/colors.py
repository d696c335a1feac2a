"""Colors as numbers."""


def hex_to_rgb(color):
    """Give red, green and blue of a color like "#ff8000", each from 0 to 255."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
