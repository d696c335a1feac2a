"use strict";

const { addItem, formatPrice, total } = require("./cart");

const cart = [];
addItem(cart, "apple", 30, 4);
addItem(cart, "bread", 280);
console.log(formatPrice(total(cart)));
