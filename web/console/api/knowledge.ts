/** Reading the public knowledge, for cards that an agent sends. */
import type { Block } from '../../widget/core/types'
import { get } from './client'

export interface Found {
  topic: string
  title: string
  aspect: string
  short: string
}

export interface Answer {
  aspect: string
  title: string
  blocks: Block[]
}

export const searchKnowledge = (words: string): Promise<{ results: Found[] }> =>
  get(`/api/knowledge/search?limit=12&q=${encodeURIComponent(words)}`)

export const readTopic = (topic: string): Promise<{ topic: string; title: string; answers: Answer[] }> =>
  get(`/api/knowledge/topics/${encodeURIComponent(topic)}`)
