"""Greet people from the command line."""

import argparse

GREETINGS = {"en": "Hello", "fr": "Bonjour", "de": "Hallo"}


def greet(name, language="en"):
    """Make a greeting in one of the languages."""
    return f"{GREETINGS[language]}, {name}!"


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description="greet people")
    parser.add_argument("names", nargs="+", help="who is to be greeted")
    parser.add_argument("--language", choices=sorted(GREETINGS), default="en", help="default: en")
    parser.add_argument("--upper", action="store_true", help="in capital letters")
    return parser.parse_args(argv)


def main(argv=None):
    """Print a greeting for each name."""
    args = parse_args(argv)
    for name in args.names:
        greeting = greet(name, args.language)
        print(greeting.upper() if args.upper else greeting)


if __name__ == "__main__":
    main()
