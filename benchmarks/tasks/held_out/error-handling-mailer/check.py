from checking import expect_error, keep_definitions, run_python

from mailer import DeliveryError, compose, send, send_all

sent = []


def make_post(*errors):
    """Give a post that fails with some errors before it works."""
    waiting = list(errors)

    def post(address, letter):
        sent.append((address, letter))
        if waiting:
            raise waiting.pop(0)
        return 7

    return post


assert send(make_post(), "a@x", "hi") == 7
assert sent == [("a@x", "hi")]
sent.clear()
assert send(make_post(ConnectionError("no")), "a@x", "hi") == 7
assert sent == [("a@x", "hi")] * 2
sent.clear()
assert send(make_post(ConnectionError("no"), ConnectionResetError("gone")), "b@x", "ho") == 7
assert sent == [("b@x", "ho")] * 3
sent.clear()
error = expect_error(DeliveryError, send, make_post(*[ConnectionError("no")] * 9), "cleo@example.org", "hi")
assert "cleo@example.org" in str(error), error
assert sent == [("cleo@example.org", "hi")] * 3
sent.clear()
expect_error(ValueError, send, make_post(ValueError("no such address")), "d@x", "hi")
assert sent == [("d@x", "hi")], "it tried again after another error"
sent.clear()
assert send_all(make_post(ConnectionError("no")), {"e@x": "Eve", "f@x": "Fay"}, "bye") == [7, 7]
assert [address for address, letter in sent] == ["e@x", "e@x", "f@x"]
assert send(lambda address, letter: 0, "g@x", "hi") == 0
assert compose("Ann", "hi") == "Dear Ann,\nhi"
assert run_python("party.py") == (
    "To ada@example.org: Dear Ada,\ncome at eight!\nTo bob@example.org: Dear Bob,\ncome at eight!\n[24, 24]\n"
)
keep_definitions("mailer.py")
keep_definitions("party.py")
