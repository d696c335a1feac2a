"""Read and write a list of contacts: a name and a phone number on each line, with a comma between them."""

from pathlib import Path


class ContactsError(Exception):
    """The list can not be read."""


def read_contacts(path):
    """Give the phone numbers by name."""
    contacts = {}
    for line in Path(path).read_text().splitlines():
        name, phone = line.split(",")
        contacts[name.strip()] = phone.strip()
    return contacts


def write_contacts(path, contacts):
    """Write the contacts, sorted by name."""
    lines = [f"{name}, {phone}\n" for name, phone in sorted(contacts.items())]
    Path(path).write_text("".join(lines))
