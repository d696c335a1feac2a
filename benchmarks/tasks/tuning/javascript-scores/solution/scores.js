"use strict";

/** Give the highest scores, the best one first. */
function bestScores(scores, count) {
  return [...scores].sort((a, b) => b - a).slice(0, count);
}

/** Give the mean of some scores, 0 if there are none. */
function average(scores) {
  if (scores.length === 0) {
    return 0;
  }
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Write each score on a line, with its place. */
function formatTable(scores) {
  return scores.map((score, index) => `${index + 1}. ${score}`).join("\n");
}

module.exports = { bestScores, average, formatTable };
