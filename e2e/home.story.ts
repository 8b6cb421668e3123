// A stranger becomes a customer: home page, registration, the link in the mail,
// sign-in, profile, sign-out. And the demonstration's two people come in.

import assert from 'node:assert/strict';

import { linkMailedTo, signIn } from './support/people.ts';
import { demoStory, story } from './support/story.ts';

const marta = { username: 'marta', password: 'lluvia sobre tejados' };
const address = 'marta@tienda.example';

story(
  'somebody registers a shop, confirms the address, signs in and out',
  async ({ server, visitor }) => {
    const { page } = visitor;
    await page.goto('/');
    await visitor.expectAccessible();
    await page.locator('a[href="/registro/"]').click();

    await page.locator('input[name="nombre_negocio"]').fill('Tienda La Esquina');
    await page.locator('input[name="username"]').fill(marta.username);
    await page.locator('input[name="email"]').fill(address);
    await page.locator('input[name="password1"]').fill(marta.password);
    await page.locator('input[name="password2"]').fill('otra cosa distinta');
    await visitor.expectAccessible();
    await page.locator('form[action="/registro/"] button[type="submit"]').click();
    // What was wrong is said beside its field, and what was right is still there.
    await page.locator('input[name="password2"][aria-invalid="true"]').waitFor();
    assert.equal(await page.locator('input[name="email"]').inputValue(), address);
    await visitor.expectAccessible();

    await page.locator('input[name="password1"]').fill(marta.password);
    await page.locator('input[name="password2"]').fill(marta.password);
    await page.locator('form[action="/registro/"] button[type="submit"]').click();
    await page.getByText(address).waitFor();
    await visitor.expectAccessible();

    const link = new URL(await linkMailedTo(server, address));
    assert.equal(link.origin, server.url);
    await page.goto(link.pathname);
    await visitor.expectAccessible();
    await page.locator('form[action^="/verificar-email/"] button[type="submit"]').click();

    await signIn(page, marta);
    await page.goto('/perfil/');
    await page.locator('main').getByText('Tienda La Esquina').waitFor();
    await visitor.expectAccessible();
    await visitor.shot('profile');

    await page.locator('main form[action="/logout/"] button').click();
    await page.waitForURL((url) => !url.pathname.startsWith('/perfil/'));
    await page.goto('/perfil/');
    assert.equal(new URL(page.url()).pathname, '/login/');
  },
  ['sqlite', 'postgres'],
);

demoStory('the owner and the seller of the demonstration sign in', async ({ server, visitor, another }) => {
  await signIn(visitor.page, server.people.admin);
  await visitor.expectAccessible();
  const seller = await another({ viewport: { width: 390, height: 844 } });
  await signIn(seller.page, server.people.seller);
  await seller.expectAccessible();
});
