/** The window in Chinese: no sentence on any screen is left in English. */
import type { Page } from '@playwright/test';
import { expect, test } from './saccade.ts';

/** What is called so in every language. */
const names =
  /Intel\S* Xeon\S* Processor|AMD \w+ \w+|Hugging Face( Hub)?|Core ML|Tiny Images?|Vision Transformer|ImageNet ViT\S*|Debian, Ubuntu|`[^`]+`|Apache License|\S+@\S+/g;

/** Text that is seen or read aloud and has three words of English in a row. */
async function untranslated(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode())
      if (
        node.parentElement?.checkVisibility({ visibilityProperty: true }) &&
        !node.parentElement.closest('pre')
      )
        found.push(node.textContent ?? '');
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
      for (const name of ['aria-label', 'title', 'placeholder']) found.push(element.getAttribute(name) ?? '');
    return found;
  });
  return texts.filter((text) => /[A-Za-z]{2,},? [a-z]{2,},? [a-z]{2,}/.test(text.replace(names, '')));
}

test('nothing is left in English', async ({ library: saccade }) => {
  const { page } = saccade;
  await page.getByRole('button', { name: 'Settings' }).click();
  // The scan sees what it is there for.
  expect(await untranslated(page)).not.toEqual([]);
  await page.getByRole('radio', { name: '简体中文' }).click();
  await expect(page.getByRole('row', { name: /^CPU/ })).toBeVisible();
  expect(await untranslated(page), 'settings').toEqual([]);
  for (const place of ['模型', '标签']) {
    await page.locator('nav').getByRole('button', { name: place, exact: true }).click();
    await expect(page.getByRole('heading', { name: place, level: 1 })).toBeVisible();
    const tabs = await page.getByRole('main').getByRole('group').first().getByRole('radio').allTextContents();
    expect(tabs.length).toBeGreaterThan(1);
    for (const tab of tabs) {
      await page.getByRole('radio', { name: tab.trim(), exact: true }).click();
      await page.waitForTimeout(300); // what it asks for has come
      expect(await untranslated(page), `${place}, ${tab}`).toEqual([]);
    }
  }
  await page.locator('nav').getByText('全部照片').click();
  await saccade.tiles.first().dblclick();
  await expect(page.getByText('的得分由什么组成')).toBeVisible();
  expect(await untranslated(page), 'inspector').toEqual([]);

  await page.keyboard.press('Escape');
  await page.locator('nav').getByRole('button', { name: '设置' }).click();
  await page.getByRole('group', { name: '语言' }).getByRole('radio', { name: '跟随系统' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
});
