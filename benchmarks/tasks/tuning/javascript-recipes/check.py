from pathlib import Path

from checking import keep_unchanged, run_node

SOUP = "Tomato soup (30 min): tomatoes, onion\n"
PANCAKES = "Pancakes (20 min): flour, Milk, eggs\n"
SALAD = "Salad (10 min): lettuce, tomatoes\n"
assert run_node("index.js", "SOUP") == SOUP
assert run_node("index.js", "soup") == SOUP
assert run_node("index.js", "milk") == PANCAKES
assert run_node("index.js", "FLOUR") == PANCAKES
assert run_node("index.js", "Tomato") == SOUP + SALAD
assert run_node("index.js", "salad") == SALAD
assert run_node("index.js", "fish") == "\n"
assert run_node("index.js") == SALAD + PANCAKES
script = """
const { findRecipes, quickRecipes, describe } = require("./recipes");
const given = [{ name: "Rye Bread", minutes: 90, ingredients: ["Rye", "salt (fine)"] }, { name: "Tea", minutes: 5, ingredients: [] }];
console.log(JSON.stringify([findRecipes(given, "rYE b"), findRecipes(given, "TEA"), findRecipes(given, "(FINE")]));
console.log(findRecipes(given, "").length, findRecipes([], "a").length, quickRecipes(given, 5).length, describe(given[1]));
"""
bread = '{"name":"Rye Bread","minutes":90,"ingredients":["Rye","salt (fine)"]}'
tea = '{"name":"Tea","minutes":5,"ingredients":[]}'
assert run_node("-e", script) == f"[[{bread}],[{tea}],[{bread}]]\n2 0 1 Tea (5 min): \n"
text = Path("recipes.js").read_text()
assert text.count("/**") >= 3, "a comment is gone"
assert "/** Give the recipes that take no longer than some minutes, the quickest first. */" in text
assert "/** Write a recipe on a line. */" in text
keep_unchanged("index.js", "package.json")
