import { afterEach, describe, expect, it } from 'vitest'

import { readOptions } from '../../widget/core/options'

function script(attributes: Record<string, string>, src = 'https://chat.bank.example/widget/nuoyan.js') {
  const element = document.createElement('script')
  Object.defineProperty(element, 'src', { value: src })
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(`data-${name}`, value)
  return element
}

describe('options of the script tag', () => {
  it('has quiet defaults and finds the server where the script came from', () => {
    expect(readOptions(script({}))).toMatchObject({
      api: 'https://chat.bank.example',
      stylesheet: 'https://chat.bank.example/widget/nuoyan.css',
      mode: 'float',
      channel: 'web',
      lang: 'zh-CN',
      elder: false,
      theme: 'auto',
      linkHosts: ['chat.bank.example'],
    })
  })

  it('keeps a path in front of the server and ignores a query after the script', () => {
    const options = readOptions(script({}, 'https://bank.example/assistant/widget/nuoyan.js?v=3'))
    expect(options.api).toBe('https://bank.example/assistant')
    expect(options.stylesheet).toBe('https://bank.example/assistant/widget/nuoyan.css')
  })

  it('reads every attribute', () => {
    const options = readOptions(
      script({
        api: 'https://api.bank.example/',
        mode: 'page',
        lang: 'zh-TW',
        elder: '',
        theme: 'dark',
        bank: ' 诺言银行 ',
        hotline: '400-000-0000',
        'link-hosts': 'WWW.bank.example, m.bank.example,',
      }),
    )
    expect(options).toMatchObject({
      api: 'https://api.bank.example',
      mode: 'page',
      channel: 'app',
      lang: 'zh-TW',
      elder: true,
      theme: 'dark',
      bank: '诺言银行',
      hotline: '400-000-0000',
      linkHosts: ['www.bank.example', 'm.bank.example'],
    })
  })

  it.each(['0', 'false'])('takes data-elder="%s" as off', (value) => {
    expect(readOptions(script({ elder: value })).elder).toBe(false)
  })

  it('lets the address of the full page decide, but not the address of a host page', () => {
    const search = '?elder=1&lang=en&theme=light'
    expect(readOptions(script({ mode: 'page' }), search)).toMatchObject({ elder: true, lang: 'en', theme: 'light' })
    expect(readOptions(script({}), search)).toMatchObject({ elder: false, lang: 'zh-CN', theme: 'auto' })
  })

  it('falls back for nonsense', () => {
    expect(readOptions(script({ lang: 'fr', theme: 'pink', mode: 'x' }))).toMatchObject({
      lang: 'zh-CN',
      theme: 'auto',
      mode: 'float',
    })
  })
})

describe('the word who the customer is', () => {
  afterEach(() => {
    delete window.NuoyanIdentity
  })

  const token = (attributes: Record<string, string> = {}) => readOptions(script(attributes)).identityToken()

  it('is none by default', async () => {
    expect(await token()).toBeNull()
    expect(await token({ 'identity-token': '' })).toBeNull()
  })

  it('comes from the script tag, or newer from the page', async () => {
    expect(await token({ 'identity-token': 'a.b.c' })).toBe('a.b.c')
    window.NuoyanIdentity = { token: 'd.e.f' }
    expect(await token({ 'identity-token': 'a.b.c' })).toBe('d.e.f')
    let count = 0
    window.NuoyanIdentity = { token: async () => `t${(count += 1)}` }
    const { identityToken } = readOptions(script({}))
    expect([await identityToken(), await identityToken()]).toEqual(['t1', 't2'])
  })

  it('is none when the page says that nobody is signed in, and unknown when it has trouble', async () => {
    window.NuoyanIdentity = { token: null }
    expect(await token({ 'identity-token': 'a.b.c' })).toBeNull()
    window.NuoyanIdentity = { token: () => Promise.reject(new Error('x')) }
    await expect(token()).rejects.toThrow('x')
  })
})
