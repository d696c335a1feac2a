"""Show what the editor can do."""

from editor.document import Editor


def main():
    """Write a line and print it."""
    editor = Editor("Hello")
    editor.write(", world?")
    editor.erase()
    editor.write("!")
    print(editor.text)
    print(f"{editor.count_words()} words")


if __name__ == "__main__":
    main()
