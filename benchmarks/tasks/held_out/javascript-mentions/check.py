from pathlib import Path

from checking import keep_unchanged, run_node

CLEO = "<cleo> @ann ask @bob, then tell @ann [ann bob]\n"
ANN = "<ann> fine []\n"
BOB = "<bob> @dan @dan wake up! [dan]\n"
assert run_node("index.js") == CLEO + ANN + BOB
assert run_node("index.js", "ann") == CLEO + ANN
assert run_node("index.js", "dan") == BOB
assert run_node("index.js", "eve") == ""
script = """
const { concerns, format, mentions } = require("./chat");
const texts = ["@ann ask @bob, then tell @ann", "@c @b @a @b @c", "@x,@x,@x", "@al @ali @al", "nobody", "", "@7 @x"];
console.log(JSON.stringify(texts.map((text) => mentions(text))));
console.log(Array.isArray(mentions("@a @a")), format({ from: "a", text: "b" }));
const message = { from: "ann", text: "@bob @bob" };
console.log(concerns(message, "ann"), concerns(message, "bob"), concerns(message, "bo"));
"""
assert run_node("-e", script) == (
    '[["ann","bob"],["c","b","a"],["x"],["al","ali"],[],[],["7","x"]]\ntrue <a> b\ntrue true false\n'
)
text = Path("chat.js").read_text()
assert text.count("/**") >= 3, "a comment is gone"
assert "/** Write a message on a line. */" in text
assert "/** Tell whether somebody should see a message: who wrote it, and who is mentioned in it. */" in text
keep_unchanged("index.js", "package.json")
