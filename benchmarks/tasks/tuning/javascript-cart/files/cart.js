"use strict";

/** Add an item, or more of one that is there already. */
function addItem(cart, name, price, quantity = 1) {
  const found = cart.find((item) => item.name === name);
  if (found) {
    found.quantity += quantity;
  } else {
    cart.push({ name, price, quantity });
  }
  return cart;
}

/** Sum up what all the items cost. */
function total(cart) {
  return cart.reduce((sum, item) => sum + item.price, 0);
}

/** Write an amount of cents as euros. */
function formatPrice(cents) {
  return (cents / 100).toFixed(2) + " EUR";
}

module.exports = { addItem, total, formatPrice };
