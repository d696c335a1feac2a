"use strict";

const { concerns, format, mentions } = require("./chat");

const messages = [
  { from: "cleo", text: "@ann ask @bob, then tell @ann" },
  { from: "ann", text: "fine" },
  { from: "bob", text: "@dan @dan wake up!" },
];

const name = process.argv[2];
for (const message of messages) {
  if (!name || concerns(message, name)) {
    console.log(`${format(message)} [${mentions(message.text).join(" ")}]`);
  }
}
