"""Songs that are played one after the other."""


class Playlist:
    """Titles with their lengths, and the one that is being played."""

    def __init__(self):
        self._songs = []
        self._position = 0

    def add(self, title, seconds):
        """Add a song."""
        if seconds <= 0:
            raise ValueError("a song must have a length")
        self._songs.append((title, seconds))

    def titles(self):
        """Give the titles of all songs, in order."""
        return [title for title, seconds in self._songs]

    def current(self):
        """Give the title of the song that is being played."""
        return self._songs[self._position][0]

    def next(self):
        """Go to the next song and give its title."""
        self._position = (self._position + 1) % len(self._songs)
        return self.current()

    def total_seconds(self):
        """Give how long all songs take together."""
        return sum(seconds for title, seconds in self._songs)
