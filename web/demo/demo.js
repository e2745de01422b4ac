/**
 * What only the demo page has: signing in as a demo customer, and showing the one-time code that a
 * real bank would send to the customer's phone. Both come from the server's test bench, which is
 * there in development only; without it the page is what it is.
 */
;(() => {
  const CHOICE = 'nuoyan-demo-customer'
  const LOOK_EVERY_MS = 1000
  const bar = document.querySelector('#demo-bench')
  const select = bar?.querySelector('select')
  const code = document.querySelector('#demo-code')
  if (!bar || !select || !code) return

  async function bench(path) {
    const response = await fetch(`/api/bench/${path}`, { cache: 'no-store' })
    if (!response.ok) throw new Error(String(response.status))
    return response.json()
  }

  function signIn(customer) {
    window.NuoyanIdentity = {
      token: customer ? async () => (await bench(`token?customer=${encodeURIComponent(customer)}`)).token : null,
    }
  }

  // Before anything is fetched, so that the chat knows its customer from the first moment.
  const chosen = sessionStorage.getItem(CHOICE) ?? ''
  if (chosen) signIn(chosen)

  function onChoice() {
    sessionStorage.setItem(CHOICE, select.value)
    signIn(select.value)
    window.dispatchEvent(new Event('nuoyan-identity'))
  }

  /** Name of the conversation, as the chat keeps it. */
  function conversation() {
    const entry = Object.entries(localStorage).find(([name]) => /^nuoyan:.*:conversation$/.test(name))
    return entry ? JSON.parse(entry[1]).id : null
  }

  /** While the chat asks for a code, show the one that would be on the phone. */
  async function look() {
    const asked = document.querySelector('nuoyan-chat')?.shadowRoot?.querySelector('[autocomplete="one-time-code"]')
    const id = asked && conversation()
    const shown = id ? await bench(`conversations/${encodeURIComponent(id)}/code`).catch(() => null) : null
    code.hidden = !shown
    code.querySelector('output').textContent = shown?.code ?? ''
    setTimeout(look, LOOK_EVERY_MS)
  }

  async function begin() {
    const customers = await bench('customers').catch(() => [])
    if (!customers.length) return
    for (const { ref, name } of customers) select.append(new Option(name, ref, false, ref === chosen))
    select.addEventListener('change', onChoice)
    bar.hidden = false
    void look()
  }

  void begin()
})()
