"""Read and write a list of contacts: a name and a phone number on each line, with a comma between them."""

from pathlib import Path


class ContactsError(Exception):
    """The list can not be read."""


def read_contacts(path):
    """Give the phone numbers by name."""
    contacts = {}
    for number, line in enumerate(Path(path).read_text().splitlines(), start=1):
        if not line.strip():
            continue
        if "," not in line:
            raise ContactsError(f"line {number} has no comma")
        name, phone = line.split(",")
        contacts[name.strip()] = phone.strip()
    return contacts


def write_contacts(path, contacts):
    """Write the contacts, sorted by name."""
    lines = [f"{name}, {phone}\n" for name, phone in sorted(contacts.items())]
    Path(path).write_text("".join(lines))
