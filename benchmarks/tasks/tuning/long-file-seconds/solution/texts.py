"""Texts on a terminal: cut, wrapped, aligned, put into tables.

All the functions take and give plain strings, without colours. Widths are counted in characters. None of them prints
anything; that is the business of the programs which use them.
"""

import re
import textwrap

ELLIPSIS = "..."
BULLET = "- "
VOWELS = "aeiou"


# Single lines


def shorten(text, width):
    """Cut a text to a width; what is cut off is shown by an ellipsis."""
    if len(text) <= width:
        return text
    if width <= len(ELLIPSIS):
        return text[:width]
    return text[: width - len(ELLIPSIS)] + ELLIPSIS


def shorten_middle(text, width):
    """Cut a text to a width by leaving out its middle, good for paths."""
    if len(text) <= width:
        return text
    kept = width - len(ELLIPSIS)
    if kept < 2:
        return text[:width]
    head = (kept + 1) // 2
    return text[:head] + ELLIPSIS + text[len(text) - (kept - head) :]


def align_left(text, width):
    """Fill a text up to a width on the right."""
    return text + " " * (width - len(text))


def align_right(text, width):
    """Fill a text up to a width on the left."""
    return " " * (width - len(text)) + text


def center(text, width):
    """Put a text into the middle; an odd space goes to the right."""
    left = (width - len(text)) // 2
    return align_left(" " * left + text, width)


def underline(text, character="="):
    """Give a heading: the text, and below it a line of the same length."""
    return text + "\n" + character * len(text)


def collapse(text):
    """Make each run of white space a single space, none at the ends."""
    return " ".join(text.split())


def quote(text):
    """Put a text in double quotes; quotes in it get a backslash."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# Words


def count_words(text):
    """Count the words of a text."""
    return len(re.findall(r"[\w'-]+", text))


def capitalize_words(text):
    """Begin each word with a capital letter, and leave the others as they are."""
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


def article_for(noun):
    """Give the article of an English noun, "a" or "an"."""
    return "an" if noun[:1].lower() in VOWELS else "a"


def plural(noun, count):
    """Give a noun as it is said of so many things."""
    if count == 1:
        return noun
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def count_of(noun, count):
    """Say how many there are, as in "3 files"."""
    return f"{count} {plural(noun, count)}"


def enumerate_words(words):
    """Join words as in "a, b and c"."""
    words = list(words)
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]


def initials(name):
    """Give the first letters of a name, in capitals."""
    return "".join(word[0].upper() for word in name.split())


# Several lines


def wrap(text, width):
    """Break a text into lines that are not wider than a width; longer words stay whole."""
    lines = []
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    if line:
        lines.append(line)
    return lines


def indent(text, spaces):
    """Move each line to the right, but not the empty ones."""
    return textwrap.indent(text, " " * spaces)


def dedent(text):
    """Move all lines to the left by the space that they have in common."""
    return textwrap.dedent(text)


def number_lines(text, start=1):
    """Put a number before each line, aligned on the right."""
    lines = text.splitlines()
    width = len(str(start + len(lines)))
    return "\n".join(f"{align_right(str(number), width)} {line}" for number, line in enumerate(lines, start))


def bullets(items, width=72):
    """Make a list with a bullet for each item; longer items are wrapped below their first line."""
    lines = []
    for item in items:
        first, *rest = wrap(item, width - len(BULLET)) or [""]
        lines.append(BULLET + first)
        lines += [" " * len(BULLET) + line for line in rest]
    return "\n".join(lines)


def frame(text):
    """Draw a box around a text."""
    lines = text.splitlines()
    width = max((len(line) for line in lines), default=0)
    edge = "+" + "-" * (width + 2) + "+"
    return "\n".join([edge, *(f"| {align_left(line, width)} |" for line in lines), edge])


def strip_comments(text, mark="#"):
    """Drop the lines that begin with a mark, and the space before it."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(mark))


def paragraphs(text):
    """Split a text at its empty lines."""
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]


# Tables


def column_widths(rows):
    """Give the width of the widest cell for each column."""
    return [max(len(cell) for cell in column) for column in zip(*rows)]


def format_row(cells, widths):
    """Write a row of a table, two spaces between its cells and none at its end."""
    return "  ".join(align_left(cell, width) for cell, width in zip(cells, widths)).rstrip()


def format_table(header, rows):
    """Write a table: its header, a line of dashes, its rows."""
    widths = column_widths([header, *rows])
    rule = ["-" * width for width in widths]
    return "\n".join(format_row(row, widths) for row in [header, rule, *rows])


def format_pairs(pairs):
    """Write names and values below each other, the values aligned."""
    width = max((len(name) for name, _ in pairs), default=0)
    return "\n".join(f"{align_left(name, width)} : {value}" for name, value in pairs)


# Numbers


def format_bytes(count):
    """Write a number of bytes, as in 1.5 MB; a kB is 1000 bytes."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def format_seconds(seconds):
    """Write a time, as in 1:05:09; without the hours where there are none."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"


def format_percent(part, whole):
    """Write a share in percent without decimals; of nothing it is 0%."""
    return f"{100 * part / whole:.0f}%" if whole else "0%"


def format_thousands(number):
    """Write a whole number with a comma between its thousands."""
    return f"{number:,}"


def progress_bar(part, whole, width=20):
    """Draw how much is done."""
    done = width * part // whole if whole else 0
    return "[" + "#" * done + "." * (width - done) + "] " + format_percent(part, whole)
