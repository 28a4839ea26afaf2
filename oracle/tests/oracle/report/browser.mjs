// Opens pages in Chromium, on phones and a desktop, by day and by night, and prints what is wrong with
// them, a line each: markup that is not valid, anything wider than the screen, anything that the
// console says, requests, scripts, and what axe finds in the way of people who cannot see well.
import { chromium } from 'playwright-core';
import { HtmlValidate } from 'html-validate';
import axe from 'axe-core';

// Width in pixels, colours, and whether axe looks, to which the width makes no difference.
const SCREENS = [
  [320, 'light', false],
  [390, 'light', true],
  [390, 'dark', true],
  [1280, 'light', false],
];
const validator = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y'],
});

async function inspect(browser, page, width, colorScheme, withAxe) {
  const problems = [];
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
  const tab = await context.newPage();
  tab.on('console', (message) => problems.push(`console: ${message.text()}`));
  tab.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  tab.on('dialog', (dialog) => { problems.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await context.route('**', (route) => {
    const url = route.request().url();
    if (url === `file://${page}`) return route.continue();
    problems.push(`request: ${url}`);
    return route.abort();
  });
  await tab.goto(`file://${page}`);
  for (const open of [false, true]) {
    const { wide, scripts } = await tab.evaluate((open) => {
      document.querySelectorAll('details').forEach((details) => { details.open = open; });
      return { wide: document.documentElement.scrollWidth, scripts: document.scripts.length };
    }, open);
    if (wide > width) problems.push(`overflow: ${wide} pixels wide`);
    if (scripts > 0) problems.push(`scripts: ${scripts}`);
  }
  if (withAxe) {
    await tab.evaluate(axe.source);
    const { violations } = await tab.evaluate(() => globalThis.axe.run());
    for (const { id, nodes } of violations) problems.push(`axe: ${id}: ${nodes[0].html}`);
  }
  await context.close();
  return problems.map((problem) => `${width} ${colorScheme} ${problem}`);
}

const pages = process.argv.slice(1);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
for (const page of pages) {
  const { results } = await validator.validateFile(page);
  for (const { line, message, ruleId } of results.flatMap((result) => result.messages)) {
    console.log(`${page}: markup: line ${line}: ${message} (${ruleId})`);
  }
  for (const screen of SCREENS) {
    const problems = await inspect(browser, page, ...screen);
    for (const problem of problems) console.log(`${page}: ${problem}`);
  }
}
await browser.close();
