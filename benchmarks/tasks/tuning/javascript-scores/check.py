from pathlib import Path

from checking import keep_unchanged, run_node

assert run_node("index.js") == "1. 120\n2. 95\n3. 70\naverage 60\n"
script = """
const { average, bestScores, formatTable } = require("./scores");
const scores = [9, 100, 25];
console.log(JSON.stringify([bestScores(scores, 2), bestScores(scores, 5), bestScores([], 2), scores]));
console.log(JSON.stringify([bestScores([-5, 3, -20], 3), average([]), average([1, 2]), formatTable([5, 4])]));
"""
assert run_node("-e", script) == (
    '[[100,25],[100,25,9],[],[9,100,25]]\n[[3,-5,-20],0,1.5,"1. 5\\n2. 4"]\n'
)
text = Path("scores.js").read_text()
assert "/** Give the highest scores, the best one first. */" in text
assert "/** Give the mean of some scores, 0 if there are none. */" in text
assert "/** Write each score on a line, with its place. */" in text
keep_unchanged("index.js", "package.json")
