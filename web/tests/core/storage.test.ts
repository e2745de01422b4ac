import { beforeEach, describe, expect, it } from 'vitest'

import { openStore } from '../../widget/core/storage'

const saved = { id: 'c1', token: 't1', feedback: {} }

describe('storage', () => {
  beforeEach(() => localStorage.clear())

  it('keeps two servers on one page apart', () => {
    openStore('https://a.example').write('conversation', saved)
    expect(openStore('https://a.example').read('conversation')).toEqual(saved)
    expect(openStore('https://b.example').read('conversation')).toBeNull()
  })

  it('forgets on request', () => {
    const store = openStore('https://a.example')
    store.write('conversation', saved)
    store.remove('conversation')
    expect(store.read('conversation')).toBeNull()
    expect(localStorage.length).toBe(0)
  })

  it.each(['{', '"text"', '7', 'null'])('reads a damaged entry (%s) as nothing', (raw) => {
    localStorage.setItem('nuoyan:https://a.example:conversation', raw)
    expect(openStore('https://a.example').read('conversation')).toBeNull()
  })

  it('lasts as long as the page where the browser refuses storage', () => {
    const refusing = {
      getItem: () => {
        throw new Error('blocked')
      },
      setItem: () => {
        throw new Error('full')
      },
      removeItem: () => {
        throw new Error('blocked')
      },
    } as unknown as Storage
    const store = openStore('https://a.example', refusing)
    store.write('conversation', saved)
    expect(store.read('conversation')).toEqual(saved)
    store.remove('conversation')
    expect(store.read('conversation')).toBeNull()
  })
})
