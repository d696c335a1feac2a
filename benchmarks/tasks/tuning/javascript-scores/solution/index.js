"use strict";

const { average, bestScores, formatTable } = require("./scores");

const scores = [70, 8, 120, 95, 7];
console.log(formatTable(bestScores(scores, 3)));
console.log(`average ${average(scores)}`);
