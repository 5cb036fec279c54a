// Measures jsonata-js for BenchmarkExpressions: reads {"input": ..., "expressions": {id: text}}
// from standard input and writes {id: nanoseconds for one evaluation}. The argument is the
// folder in which npm has installed jsonata.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const jsonata = createRequire(process.argv[2] + "/")("jsonata");
const { input, expressions } = JSON.parse(readFileSync(0, "utf8"));

async function time(expr, n) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < n; i++) await expr.evaluate(input);
  return Number(process.hrtime.bigint() - start) / n;
}

const result = {};
for (const [id, text] of Object.entries(expressions)) {
  const expr = jsonata(text);
  await time(expr, 3000);
  let best = Infinity;
  for (let round = 0; round < 5; round++) best = Math.min(best, await time(expr, 2000));
  result[id] = best;
}
console.log(JSON.stringify(result));
