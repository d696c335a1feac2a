"""Ways to tell people something."""


def send_mail(person, text):
    """Send a mail."""
    return f"mail to {person}: {text}"


def send_letter(person, text):
    """Send a letter by post."""
    return f"letter to {person}: {text}"


CHANNELS = {
    "mail": send_mail,
    "letter": send_letter,
}


def notify(person, text, channel="mail"):
    """Tell a person something by one of the channels."""
    if channel not in CHANNELS:
        raise ValueError(f"no such channel: {channel}")
    return CHANNELS[channel](person, text)
