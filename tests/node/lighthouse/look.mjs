// Looks at the first page of patients and at the question after it, as Lighthouse does.
// Usage: node look.mjs ADDRESS CHROMIUM    prints a line of JSON for each page

import { startFlow } from "lighthouse";
import { launch } from "puppeteer-core";

const [address, executablePath, ...args] = process.argv.slice(2);
const onlyCategories = ["accessibility", "best-practices", "performance"];
const browser = await launch({ executablePath, args });
const page = await browser.newPage();
const flow = await startFlow(page, {
  config: { extends: "lighthouse:default", settings: { onlyCategories } },
});
await flow.navigate(address, { name: "first page" });
await flow.navigate(() => page.click("main form button"), { name: "question" });
for (const { name, lhr } of (await flow.createFlowResult()).steps) {
  const scores = onlyCategories.map((id) => [id, Math.round(100 * lhr.categories[id].score)]);
  console.log(JSON.stringify([name, Object.fromEntries(scores)]));
}
await browser.close();
