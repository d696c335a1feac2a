"use strict";

/** Give the recipes with a text in their name or in one of their ingredients. */
function findRecipes(recipes, text) {
  const wanted = text.toLowerCase();
  const matches = (words) => words.toLowerCase().includes(wanted);
  return recipes.filter((recipe) => matches(recipe.name) || recipe.ingredients.some(matches));
}

/** Give the recipes that take no longer than some minutes, the quickest first. */
function quickRecipes(recipes, minutes) {
  return recipes.filter((recipe) => recipe.minutes <= minutes).sort((a, b) => a.minutes - b.minutes);
}

/** Write a recipe on a line. */
function describe(recipe) {
  return `${recipe.name} (${recipe.minutes} min): ${recipe.ingredients.join(", ")}`;
}

module.exports = { findRecipes, quickRecipes, describe };
