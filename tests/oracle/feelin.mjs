// Evaluates FEEL expressions: one JSON text a line in, one JSON value a line out.
import { createInterface } from 'node:readline';
import { evaluate } from '../node/node_modules/feelin/dist/index.js';

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(evaluate(JSON.parse(line), {}).value));
}
