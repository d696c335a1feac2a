from checking import expect_error, keep_definitions

from playlist import Playlist

songs = Playlist()
songs.add("Waltz", 120)
assert songs.current() == "Waltz"
songs.add("Polka", 90)
songs.add("Tango", 200)
assert songs.titles() == ["Waltz", "Polka", "Tango"]
assert songs.current() == "Waltz"
assert [songs.next() for _ in range(4)] == ["Polka", "Tango", "Waltz", "Polka"]
assert songs.current() == "Polka"
assert songs.total_seconds() == 410
expect_error(ValueError, songs.add, "Silence", 0)
assert songs.titles() == ["Waltz", "Polka", "Tango"]
alone = Playlist()
alone.add("March", 60)
assert [alone.next(), alone.next()] == ["March", "March"]
keep_definitions("playlist.py")
