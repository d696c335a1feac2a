"use strict";

const { describe, findRecipes, quickRecipes } = require("./recipes");

const recipes = [
  { name: "Tomato soup", minutes: 30, ingredients: ["tomatoes", "onion"] },
  { name: "Pancakes", minutes: 20, ingredients: ["flour", "Milk", "eggs"] },
  { name: "Salad", minutes: 10, ingredients: ["lettuce", "tomatoes"] },
];

const text = process.argv[2];
const found = text ? findRecipes(recipes, text) : quickRecipes(recipes, 20);
console.log(found.map(describe).join("\n"));
