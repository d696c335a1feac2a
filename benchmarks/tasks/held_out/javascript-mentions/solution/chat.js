"use strict";

/** Give the names that come after an @ in a text, in their order. */
function mentions(text) {
  const names = [];
  for (const match of text.matchAll(/@(\w+)/g)) {
    if (!names.includes(match[1])) {
      names.push(match[1]);
    }
  }
  return names;
}

/** Tell whether somebody should see a message: who wrote it, and who is mentioned in it. */
function concerns(message, name) {
  return message.from === name || mentions(message.text).includes(name);
}

/** Write a message on a line. */
function format(message) {
  return `<${message.from}> ${message.text}`;
}

module.exports = { mentions, concerns, format };
